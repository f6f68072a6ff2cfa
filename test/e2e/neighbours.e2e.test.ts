// While two learners do their worst, with their browsers and from inside their containers, a third one's typing is taken and answered, all of it.

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { edgeResidentBytes, readEdgeCounts } from "../support/edge-metrics.ts";
import { FLOW_END_KEY, flowInput, flowProgram } from "../support/flow-program.ts";
import { FlowReader } from "../support/flow-reader.ts";
import { hostileAgentProgram } from "../support/hostile-program.ts";
import { HostileTab } from "../support/hostile-tab.ts";
import { SeededRandom, seedsFor } from "../support/seeded-random.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import type { TestTerminal } from "../support/test-terminal.ts";
import { TestUser } from "../support/test-user.ts";

const READY_MS = 30_000;
const QUIET_MS = 2_000;
const HOSTILE_MS = 10_000;
/** Until those who burn their processor stand behind (runner-host/engine/processor-budget.ts). */
const BEGIN_MS = 2_000;
const TYPE_EVERY_MS = 40;
/** A deadline; what it takes is printed. */
const ANSWER_MS = 10_000;
const MiB = 1024 * 1024;
/** The platform's bound for one isolate with all its objects. */
const GROWTH_BYTES_MAX = 128 * MiB;

let stack: Stack;
let quiet: TestClient;
let terminal: TestTerminal;
const reader = new FlowReader("quiet");
const attackers: { leave(): void }[] = [];
let typed = 0;

beforeAll(async () => {
  stack = await Stack.start({ name: "e2e" });
  const user = await TestUser.signIn(stack.address, "quiet");
  const { session } = await user.openSession("first-image");
  quiet = new TestClient(user, session.id);
  terminal = await quiet.open(0, READY_MS);
  terminal.watch((added) => reader.take(added));
  run(quiet, terminal, flowProgram({ tag: "quiet", bytes: 0, bytesPerSecond: 2_000, seed: 1 }));
  await quiet.waitFor(() => reader.lines > 0, READY_MS, "the quiet program");
});

afterAll(async () => {
  for (const client of [quiet, ...attackers]) client.leave();
  expect(await stack.stop()).toEqual([]);
});

function run(client: TestClient, at: TestTerminal, program: string): void {
  client.type(at, `echo ${Buffer.from(program).toString("base64")} | base64 -d > /tmp/run.py; python3 /tmp/run.py\n`);
}

/** Types a number at a time and waits for its answer each time; resolves with how long each took, sorted. */
async function measureTyping(forMs: number): Promise<number[]> {
  const times: number[] = [];
  const endsAt = performance.now() + forMs;
  while (performance.now() < endsAt) {
    const typedAt = performance.now();
    quiet.type(terminal, flowInput(0, typed++, 1));
    await quiet.waitFor(() => reader.taken[0] === typed, ANSWER_MS, `an answer to number ${typed}`);
    times.push(performance.now() - typedAt);
    await delay(TYPE_EVERY_MS);
  }
  return times.sort((a, b) => a - b);
}

function describeTimes(times: readonly number[]): string {
  const at = (part: number): string => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(1);
  return `${times.length} answers, median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
}

/** Floods of output into a tab that draws and one that does not, and browsers that keep to nothing. */
async function floodFromBrowsers(random: SeededRandom): Promise<void> {
  const user = await TestUser.signIn(stack.address, "flooder");
  const { session } = await user.openSession("first-image");
  const [drawing, deaf] = [new TestClient(user, session.id), new TestClient(user, session.id)];
  attackers.push(drawing, deaf);
  for (const number of [0, 1, 2]) {
    const flooded = await drawing.open(number, READY_MS);
    flooded.keepBytes = MiB;
    (await deaf.open(number, READY_MS)).keepBytes = MiB;
    drawing.type(flooded, "yes\n");
  }
  deaf.stopReading();
  for (let tab = 0; tab < 3; tab++) attackers.push(new HostileTab(user, session.id, random));
}

/** Its own agent, every core that it gets, and all its memory. */
async function attackFromInside(): Promise<void> {
  const user = await TestUser.signIn(stack.address, "insider");
  const { session } = await user.openSession("first-image");
  const client = new TestClient(user, session.id);
  attackers.push(client);
  const own = await client.open(0, READY_MS);
  client.type(
    own,
    "for n in 1 2 3 4; do sha256sum /dev/zero & done; (while true; do head -c 2G /dev/zero | tail; done) &\n",
  );
  run(client, own, hostileAgentProgram);
}

it.each(seedsFor(1))("a quiet session loses nothing to its neighbours (seed %i)", async (seed) => {
  process.stdout.write(`alone: ${describeTimes(await measureTyping(QUIET_MS))}\n`);
  const before = await edgeResidentBytes(stack);
  await floodFromBrowsers(new SeededRandom(seed));
  await attackFromInside();
  process.stdout.write(`while they begin: ${describeTimes(await measureTyping(BEGIN_MS))}\n`);
  const times = await measureTyping(HOSTILE_MS);
  const grown = (await edgeResidentBytes(stack)) - before;
  const closed = [...(await readEdgeCounts(stack))].filter(([name]) => name.startsWith("sockets_closed"));
  process.stdout.write(
    `beside neighbours: ${describeTimes(times)}; edge grown by ${(grown / MiB).toFixed(1)} MiB; ${closed.map(([name, count]) => `${name} ${count}`).join(", ")}\n`,
  );

  quiet.type(terminal, FLOW_END_KEY);
  await quiet.waitFor(() => reader.hasEnded || reader.fault !== null, ANSWER_MS, "the quiet program's account");
  expect(reader.fault).toBeNull();
  expect(reader.taken[0]).toBe(typed);
  expect(terminal.faults).toEqual([]);
  expect(quiet.connections).toBe(1);
  expect(grown).toBeLessThan(GROWTH_BYTES_MAX);
});
