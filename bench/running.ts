// What is measured on one running stack: the terminals of one learner beside the peer, then the edge's account and memory.

import { join } from "node:path";
import { Stack } from "../test/support/stack.ts";
import { TestUser } from "../test/support/test-user.ts";
import { BerthSocket } from "./berth-socket.ts";
import { measureBilling } from "./billing.ts";
import { measureEcho, measureEchoBesideFlood, type Side } from "./echo.ts";
import { EdgeAccount } from "./edge-account.ts";
import { measureFirstPrompt } from "./first-prompt.ts";
import { measureMemory } from "./memory.ts";
import { Peer } from "./peer.ts";
import { BENCH_STACK, stopStack } from "./starts.ts";
import type { Figure } from "./statistics.ts";
import { measureThroughput, prepareOutput } from "./throughput.ts";

export const CHALLENGE = "first-image";
/** What the challenge needs of a host. */
const IMAGES = ["berth/python:3.11"];
/** Parts that use the terminals of one session. */
const TERMINAL_PARTS = ["echo", "throughput", "flood", "billing"];
const RUNNING_PARTS = ["memory", "prompt", ...TERMINAL_PARTS];

/** `parts` names what to measure. */
export async function measureRunning(parts: ReadonlySet<string>): Promise<Figure[]> {
  if (!RUNNING_PARTS.some((part) => parts.has(part))) return [];
  const stack = await Stack.start({ name: BENCH_STACK });
  try {
    const figures: Figure[] = [];
    // First: what a flood has left in the edge's heap would be taken for sessions, or would hide them.
    if (parts.has("memory")) figures.push(...(await measureMemory(stack, CHALLENGE, IMAGES)));
    if (parts.has("prompt")) figures.push(await measureFirstPrompt(stack.address, CHALLENGE));
    figures.push(...(await measureTerminals(stack, parts)));
    return figures;
  } finally {
    await stopStack(stack);
  }
}

async function measureTerminals(stack: Stack, parts: ReadonlySet<string>): Promise<Figure[]> {
  if (!TERMINAL_PARTS.some((part) => parts.has(part))) return [];
  const user = await TestUser.signIn(stack.address, "bench-terminals");
  const { session } = await user.openSession(CHALLENGE, { prefer: "wait=30" });
  const socket = new BerthSocket(user, session.id);
  const peer = await Peer.start(join(stack.dataDir, "engine"), session.id);
  try {
    const sides: [Side, Side] = [
      { name: "Berth", flood: await socket.open(0), quiet: await socket.open(1) },
      { name: "peer (ws + docker exec)", flood: await peer.open(), quiet: await peer.open() },
    ];
    const figures: Figure[] = [];
    const echo = await measureEcho(sides);
    if (parts.has("echo")) figures.push(...echo);
    await prepareOutput(sides[0].flood);
    if (parts.has("throughput")) figures.push(...(await measureThroughput(sides)));
    if (parts.has("flood")) figures.push(...(await measureEchoBesideFlood(sides)));
    if (parts.has("billing")) figures.push(...(await measureBilling(await EdgeAccount.of(stack), sides[0])));
    return figures;
  } finally {
    peer.stop();
    await socket.close();
    await user.endSession(session.id);
  }
}
