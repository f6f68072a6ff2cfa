// While two learners do their worst, with their browsers and from inside their containers, a third one's typing is taken and answered, all of it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { edgeResidentBytes, readEdgeCounts } from "../support/edge-metrics.ts";
import { NOTHING_LOST, QuietNeighbour } from "../support/quiet-neighbour.ts";
import { seedsFor } from "../support/seeded-random.ts";
import { Stack } from "../support/stack.ts";

const READY_MS = 60_000;
const QUIET_MS = 2_000;
const HOSTILE_MS = 10_000;
/** Until those who burn their processor stand behind (runner-host/engine/processor-budget.ts). */
const BEGIN_MS = 2_000;
const MiB = 1024 * 1024;
/** The platform's bound for one isolate with all its objects. */
const GROWTH_BYTES_MAX = 128 * MiB;
const ATTACKERS = fileURLToPath(new URL("../support/worst-neighbours.ts", import.meta.url));

let stack: Stack;
let quiet: QuietNeighbour;
let attackers: ChildProcess | undefined;

beforeAll(async () => {
  stack = await Stack.start({ name: "e2e" });
  quiet = await QuietNeighbour.open(stack.address);
});

afterAll(async () => {
  if (attackers !== undefined && attackers.exitCode === null) {
    attackers.kill("SIGKILL");
    await once(attackers, "exit");
  }
  quiet?.leave();
  expect(await stack?.stop()).toEqual([]);
});

it.each(seedsFor(1))("a quiet session loses nothing to its neighbours (seed %i)", async (seed) => {
  process.stdout.write(`alone: ${await quiet.measure(QUIET_MS)}\n`);
  const before = await edgeResidentBytes(stack);
  attackers = spawn(process.execPath, [ATTACKERS, stack.address, String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(attackers.stdout ?? attackers, "data", { signal: AbortSignal.timeout(READY_MS) });
  expect(String(said)).toBe("ready\n");
  process.stdout.write(`while they begin: ${await quiet.measure(BEGIN_MS)}\n`);
  const beside = await quiet.measure(HOSTILE_MS);
  const grown = (await edgeResidentBytes(stack)) - before;
  const closed = [...(await readEdgeCounts(stack))].filter(([name]) => name.startsWith("sockets_closed"));
  process.stdout.write(
    `beside neighbours: ${beside}; edge grown by ${(grown / MiB).toFixed(1)} MiB; ${closed.map(([name, count]) => `${name} ${count}`).join(", ")}\n`,
  );
  expect(attackers.exitCode).toBeNull();
  expect(await quiet.close()).toEqual(NOTHING_LOST);
  expect(grown).toBeLessThan(GROWTH_BYTES_MAX);
});
