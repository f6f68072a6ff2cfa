// `npm run runner` alone, as on a machine of its own: it keeps its engine alive, finds its sessions after a crash, and leaves nothing when it is stopped.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { bundleAgent } from "../../runner-host/agent/bundle.ts";
import { cleanLeftovers } from "../../runner-host/engine/engine-place.ts";
import { findEngineProcesses } from "../../runner-host/engine/processes.ts";
import { EdgeStandIn } from "../support/edge-stand-in.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { TestTerminal } from "../support/test-terminal.ts";
import { layoutOf } from "../support/traces.ts";
import { waitUntil } from "../support/wait-until.ts";
import { IMAGES_DIRECTORY } from "./engine/machine.ts";

const SCRIPT = fileURLToPath(new URL("../../runner-host/main.ts", import.meta.url));
const BACK_MS = 15_000;

const edge = new EdgeStandIn();
/** findLeftovers looks at a data directory, whose engine lies in `engine`, as in the state of a runner host. */
let directory: string;
let runner: ChildProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "berth-runner-"));
  await bundleAgent(join(directory, "agent"));
  await edge.listen();
});

afterEach(async () => {
  runner.kill("SIGKILL");
  await cleanLeftovers(join(directory, "engine"));
});

afterAll(async () => {
  await edge.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Resolves when the edge has welcomed it. */
async function start(): Promise<void> {
  const flags = { edge: edge.url, "state-dir": directory, "images-dir": IMAGES_DIRECTORY };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  runner = spawn(process.execPath, [SCRIPT, ...args], {
    env: { ...process.env, BERTH_JOIN_TOKEN: "join-once" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (runner.stdout === null) throw new Error("its output is not read");
  await once(createInterface(runner.stdout), "line");
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(runner, "exit");
  runner.kill(signal);
  return (await exited)[0];
}

test("a shell outlives the engine and the runner, and nothing outlives the runner's stop", async () => {
  await start();
  const held = edge.claim(newId("s"), 1);
  const terminal = new TestTerminal(0);
  held.attach(1, terminal);
  await waitUntil(() => terminal.isOpen && terminal.text.includes("$ "), 2 * BACK_MS, "the prompt");
  held.type(1, "word=kept\n");

  const { run } = layoutOf(directory);
  const [engine] = await findEngineProcesses(run, ["dockerd"]);
  if (engine === undefined) throw new Error("no engine runs");
  process.kill(engine.pid, "SIGKILL");
  const successor = async () => (await findEngineProcesses(run, ["dockerd"])).find(({ pid }) => pid !== engine.pid);
  await waitUntil(async () => (await successor()) !== undefined, BACK_MS, "a new engine");

  await stop("SIGKILL");
  await start();
  await waitUntil(() => held.isAgentUp && terminal.isOpen, BACK_MS, "the agent");
  held.type(1, "echo $word-$((6*7))\n");
  await waitUntil(() => terminal.text.includes("kept-42"), BACK_MS, "the same shell");
  expect(terminal.instances).toHaveLength(1);

  expect(await stop("SIGTERM")).toBe(0);
  expect(findLeftovers(directory)).toEqual([]);
});
