// A real container that ends by itself, however it ends, is running again within seconds, with its files and new terminals.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Docker } from "../../../runner-host/engine/docker.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DockerHost } from "./docker-host.ts";

const BACK_WITHIN_MS = 2_000;

const NEVER = 0;
let host: DockerHost;
let docker: Docker;

beforeAll(async () => {
  host = await DockerHost.start(NEVER);
  docker = new Docker(host.machine.engine.layout.engineSocket);
});

afterAll(() => host.close());

async function findFirstProcess(session: string): Promise<number> {
  const container = (await host.engine.listContainers()).find((one) => one.session === session);
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
  const { held, terminal } = await host.openSession();
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
