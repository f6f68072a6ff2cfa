// On the whole product, while learners use up processes, memory, disk and output inside their containers, a neighbour's typing is taken and answered, all of it.

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FLOW_END_KEY, flowInput, flowProgram } from "../support/flow-program.ts";
import { FlowReader } from "../support/flow-reader.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import type { TestTerminal } from "../support/test-terminal.ts";
import { TestUser } from "../support/test-user.ts";

const READY_MS = 30_000;
const ATTACK_MS = 5_000;
const TYPE_EVERY_MS = 40;
/** A deadline; what it takes is printed. */
const ANSWER_MS = 15_000;
const KEPT_BYTES = 1024 * 1024;

/** Each goes on until its session is deleted. */
const attacks: [string, string][] = [
  ["a fork bomb", "bomb() { bomb | bomb & sleep 0.01; }; (while true; do bomb; sleep 0.2; done) 2> /dev/null &"],
  ["3 GB, again and again", "(while true; do python3 -c 'bytearray(3 * 10**9)'; done) > /dev/null 2>&1 &"],
  [
    "a disk filled and emptied",
    "(while true; do cat /dev/zero > /workspace/full; rm -f /workspace/full; done) 2> /dev/null &",
  ],
  [
    "sparse files written out",
    "(while true; do truncate -s 1T /tmp/sparse; cp --sparse=never /tmp/sparse /tmp/copy; rm -f /tmp/copy; done) 2> /dev/null &",
  ],
  ["a flood of output", "yes"],
];

let stack: Stack;
let quiet: TestClient;
let terminal: TestTerminal;
const reader = new FlowReader("quiet");
let typed = 0;

beforeAll(async () => {
  stack = await Stack.start({ name: "attack" });
  const user = await TestUser.signIn(stack.address, "quiet");
  const { session } = await user.openSession("first-image");
  quiet = new TestClient(user, session.id);
  terminal = await quiet.open(0, READY_MS);
  terminal.watch((added) => reader.take(added));
  const program = Buffer.from(flowProgram({ tag: "quiet", bytes: 0, bytesPerSecond: 2_000, seed: 1 })).toString(
    "base64",
  );
  quiet.type(terminal, `echo ${program} | base64 -d > /tmp/run.py; python3 /tmp/run.py\n`);
  await quiet.waitFor(() => reader.lines > 0, READY_MS, "the quiet program");
});

afterAll(async () => {
  quiet?.leave();
  expect(await stack?.stop()).toEqual([]);
});

/** Types a number at a time and waits for its answer each time. */
async function measureTyping(forMs: number): Promise<string> {
  const took: number[] = [];
  const endsAt = performance.now() + forMs;
  while (performance.now() < endsAt) {
    const typedAt = performance.now();
    quiet.type(terminal, flowInput(0, typed++, 1));
    await quiet.waitFor(() => reader.taken[0] === typed, ANSWER_MS, `an answer to number ${typed}`);
    took.push(performance.now() - typedAt);
    await delay(TYPE_EVERY_MS);
  }
  took.sort((a, b) => a - b);
  const at = (part: number): string => (took[Math.floor(part * (took.length - 1))] ?? 0).toFixed(1);
  return `${took.length} answers, median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
}

it("a neighbour has every answer while nobody attacks", async () => {
  process.stdout.write(`alone: ${await measureTyping(2_000)}\n`);
  expect(reader.fault).toBeNull();
});

it.each(attacks)(
  "a neighbour has every answer beside %s, and the attacker's session can be ended",
  async (name, command) => {
    const user = await TestUser.signIn(stack.address, `attacker-${attacks.findIndex(([other]) => other === name)}`);
    const { session } = await user.openSession("first-image");
    const client = new TestClient(user, session.id);
    const own = await client.open(0, READY_MS);
    own.keepBytes = KEPT_BYTES;
    client.type(own, `${command}\n`);
    process.stdout.write(`beside ${name}: ${await measureTyping(ATTACK_MS)}\n`);
    expect(reader.fault).toBeNull();
    client.leave();
    await user.endSession(session.id);
  },
);

it("a neighbour's program counts every number that was typed, on one connection", async () => {
  quiet.type(terminal, FLOW_END_KEY);
  await quiet.waitFor(() => reader.hasEnded || reader.fault !== null, ANSWER_MS, "the quiet program's account");
  expect(reader.fault).toBeNull();
  expect(reader.taken[0]).toBe(typed);
  expect(terminal.faults).toEqual([]);
  expect(quiet.connections).toBe(1);
});
