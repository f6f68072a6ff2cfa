// A supervised child is waited for, started again when it dies, and gone when it is stopped.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { requireFreePort } from "../../../local/data-dir/ports.ts";
import { nextBackOff } from "../../../local/supervise/back-off.ts";
import { type ChildPlan, SupervisedChild } from "../../../local/supervise/child.ts";
import { LogFile } from "../../../local/supervise/log-file.ts";
import { waitUntil } from "../../support/wait-until.ts";

const SERVER = `
require("node:http").createServer((_, answer) => answer.end("ok")).listen(Number(process.argv[2]), "127.0.0.1");
process.on("SIGTERM", () => { if (process.argv[3] !== "stubborn") process.exit(0); });
`;

let folder: string;
let child: SupervisedChild | null = null;
const pids: (number | null)[] = [];
const told: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-child-"));
  pids.length = 0;
  told.length = 0;
});

afterEach(async () => {
  await child?.stop();
  child = null;
  await rm(folder, { recursive: true });
});

async function makeChild(source: string, ...args: string[]): Promise<SupervisedChild> {
  const script = join(folder, "server.cjs");
  await writeFile(script, source);
  const port = await requireFreePort("127.0.0.1", 0);
  const plan: ChildPlan = {
    name: "server",
    command: [process.execPath, script, String(port), ...args],
    environment: {},
    health: { url: `http://127.0.0.1:${port}/`, accepts: (status) => status === 200 },
    log: new LogFile(join(folder, "server.log")),
    stopMs: 200,
    onPid: (pid) => pids.push(pid),
    tell: (sentence) => told.push(sentence),
  };
  child = new SupervisedChild(plan);
  return child;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("is started again under another pid when it is killed", async () => {
  const server = await makeChild(SERVER);
  await server.start();
  const first = server.pid ?? 0;
  process.kill(first, "SIGKILL");
  await waitUntil(() => server.pid !== null && server.pid !== first, 5_000);
  await waitUntil(async () => (await readFile(join(folder, "server.log"), "utf8")).includes("ended by SIGKILL"), 5_000);
  expect(pids).toEqual([first, null, server.pid]);
  await waitUntil(() => told.length === 2, 5_000);
  expect(told[0]).toMatch(/^The server ended by SIGKILL; starting it again \(its log: \S+server\.log\)\.$/);
  expect(told[1]).toBe("The server serves again.");
});

it.each([
  ["that ends when it is asked to", []],
  ["that must be ended by force", ["stubborn"]],
])("leaves nothing of a child %s", async (_, args) => {
  const server = await makeChild(SERVER, ...args);
  await server.start();
  const pid = server.pid ?? 0;
  expect(isAlive(pid)).toBe(true);
  await server.stop();
  expect(isAlive(pid)).toBe(false);
  expect([pids, told]).toEqual([[pid, null], []]);
});

it("fails with the child's last words when it does not come up", async () => {
  const server = await makeChild("console.error('no database here'); process.exit(3);");
  await expect(server.start()).rejects.toThrow("The server did not start: no database here (its log:");
  expect(server.pid).toBeNull();
});

it("names no log when the child wrote none", async () => {
  const server = await makeChild("process.exit(3);");
  await expect(server.start()).rejects.toThrow(/^The server did not start: it said nothing\.$/);
});

it("fails when there is no such program", async () => {
  const log = new LogFile(join(folder, "none.log"));
  const health = { url: "http://127.0.0.1:9/", accepts: () => false };
  const plan = {
    name: "none",
    command: ["/no/such/program"] as const,
    environment: {},
    health,
    log,
    stopMs: 100,
    onPid: () => undefined,
    tell: () => undefined,
  };
  await expect(new SupervisedChild(plan).start()).rejects.toThrow("ENOENT");
});

it("waits longer after each failure in a row, up to a bound, and forgets them after a sound run", () => {
  const delays: number[] = [];
  let failures = 0;
  for (let i = 0; i < 8; i++) {
    const backOff = nextBackOff(failures, 50);
    failures = backOff.failures;
    delays.push(backOff.delayMs);
  }
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(nextBackOff(failures, 60_000)).toEqual({ delayMs: 100, failures: 1 });
});
