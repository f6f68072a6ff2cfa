// On the whole product, while learners use up processes, memory, disk and output inside their containers, a neighbour's typing is taken and answered, all of it.

import { afterAll, beforeAll, expect, it } from "vitest";
import { NOTHING_LOST, QuietNeighbour } from "../support/quiet-neighbour.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import { TestUser } from "../support/test-user.ts";

const READY_MS = 30_000;
const ATTACK_MS = 5_000;
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
let quiet: QuietNeighbour;

beforeAll(async () => {
  stack = await Stack.start({ name: "attack" });
  quiet = await QuietNeighbour.open(stack.address);
});

afterAll(async () => {
  quiet?.leave();
  expect(await stack?.stop()).toEqual([]);
});

it("a neighbour has every answer while nobody attacks", async () => {
  process.stdout.write(`alone: ${await quiet.measure(2_000)}\n`);
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
    process.stdout.write(`beside ${name}: ${await quiet.measure(ATTACK_MS)}\n`);
    client.leave();
    await user.endSession(session.id);
  },
);

it("a neighbour's program counts every number that was typed, on one connection", async () => {
  expect(await quiet.close()).toEqual(NOTHING_LOST);
});
