// A real container that ends by itself, however it ends, is running again within seconds, with its files and new terminals.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { bundleAgent } from "../../../runner-host/agent/bundle.ts";
import { type Daemon, startDaemon } from "../../../runner-host/daemon.ts";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { openDockerEngine } from "../../../runner-host/engine/docker-engine.ts";
import { Docker } from "../../../runner-host/engine/docker.ts";
import { EdgeStandIn } from "../../support/edge-stand-in.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { type EngineMachine, startMachine } from "../engine/machine.ts";

const BACK_WITHIN_MS = 2_000;

const edge = new EdgeStandIn();
let directory: string;
let machine: EngineMachine;
let engine: ContainerEngine;
let docker: Docker;
let daemon: Daemon;

beforeAll(async () => {
  machine = await startMachine();
  const { layout } = machine.engine;
  directory = await mkdtemp(join(tmpdir(), "berth-daemon-"));
  const agentDirectory = join(directory, "agent");
  await bundleAgent(agentDirectory);
  engine = await openDockerEngine({ layout, images: machine.images, agentDirectory });
  docker = new Docker(layout.engineSocket);
  await edge.listen();
  const ready = Promise.withResolvers<void>();
  const config = {
    edgeUrl: edge.url,
    stateDirectory: join(directory, "state"),
    credentialFile: join(directory, "state", "credential.json"),
    hostName: "host-under-test",
    capacity: 4,
    httpPort: 0,
    joinToken: "join-once",
    pauseAfterMs: 0,
  };
  const log = pino({ level: process.env["BERTH_TEST_LOG"] ?? "silent" });
  daemon = await startDaemon(config, engine, log, {
    onReady: () => ready.resolve(),
    onRefused: (reason) => ready.reject(new Error(reason)),
  });
  await ready.promise;
});

afterAll(async () => {
  await daemon.close();
  await edge.stop();
  await machine.close();
  await rm(directory, { recursive: true, force: true });
});

async function findFirstProcess(session: string): Promise<number> {
  const container = (await engine.listContainers()).find((one) => one.session === session);
  const pid = container === undefined ? null : await docker.findFirstProcess(container.containerId);
  if (pid === null) throw new Error("no container runs");
  return pid;
}

/** The process of the engine that looks after this one. */
async function findParent(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

type End = (held: StandInSession) => Promise<void> | void;
const endings: [string, End][] = [
  [
    "killed from outside",
    async ({ session }) => {
      process.kill(await findFirstProcess(session), "SIGKILL");
    },
  ],
  [
    "left without its shim",
    async ({ session }) => {
      process.kill(await findParent(await findFirstProcess(session)), "SIGKILL");
    },
  ],
  ["asked to end from inside", (held) => held.type(1, "sudo kill -TERM 1\n")],
];

test.for(endings)("a container whose first process is %s is back, three times over", async ([, end]) => {
  const held = edge.claim(newId("s"), 1);
  const terminal = new TestTerminal(0);
  held.attach(1, terminal);
  await waitUntil(() => terminal.isOpen && terminal.text.includes("$ "), 20_000, "the prompt");
  held.type(1, "echo mine > /workspace/work; echo sa''ved\n");
  await waitUntil(() => terminal.text.includes("saved"), 5_000, "the file");
  for (let round = 1; round <= 3; round++) {
    const firstPid = await findFirstProcess(held.session);
    await end(held);
    await waitUntil(() => !held.isAgentUp, 5_000, "the agent's loss");
    const lostAtMs = performance.now();
    await waitUntil(() => terminal.instances.length === round + 1 && terminal.isOpen, 10_000, "a new instance");
    expect(performance.now() - lostAtMs).toBeLessThan(BACK_WITHIN_MS);
    expect(await findFirstProcess(held.session)).not.toBe(firstPid);
    held.type(1, "cat /workspace/work\n");
    await waitUntil(() => /mine\r$/m.test(terminal.text), 5_000, "the file that was there before");
  }
});
