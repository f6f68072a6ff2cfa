// What an idle session with one open terminal costs its host: 130 of them in 4 GiB, every one of which still answers a key.

import { setTimeout as delay } from "node:timers/promises";
import { Stack } from "../test/support/stack.ts";
import { TestUser } from "../test/support/test-user.ts";
import { waitUntil } from "../test/support/wait-until.ts";
import { BerthSocket } from "./berth-socket.ts";
import { type ByteLine, timeKey } from "./byte-line.ts";
import { type HostMemory, holdsSessions, limitSessions, readHostMemory } from "./host-account.ts";
import { BENCH_STACK, stopStack } from "./starts.ts";
import type { Figure } from "./statistics.ts";

/** The first ones pay for what all share. */
const WARM_UP = 4;
const SESSIONS = 130;
const LIMIT_BYTES = 4 * 1024 ** 3;
/** Learners of a class come at about the same time. */
const AT_ONCE = 3;
/** Start-up leaves garbage behind, and counts of memory that come late. */
const SETTLE_MS = 15_000;
/** Each takes a tenth of a second of the engine, and the machine may be small. */
const END_MS = 240_000;
const KIB_PER_MIB = 1024;

interface Idle {
  readonly user: TestUser;
  readonly session: string;
  readonly socket: BerthSocket;
  readonly line: ByteLine;
}

export async function measureIdleSessions(challenge: string): Promise<Figure[]> {
  const stack = await Stack.start({
    name: BENCH_STACK,
    environment: { BERTH_CAPACITY: String(WARM_UP + SESSIONS) },
  });
  try {
    await limitSessions(stack, LIMIT_BYTES);
    return await measureSessions(stack, challenge);
  } finally {
    await stopStack(stack);
  }
}

async function measureSessions(stack: Stack, challenge: string): Promise<Figure[]> {
  const idle: Idle[] = [];
  const startsMs: number[] = [];
  try {
    await openSessions(stack, challenge, WARM_UP, idle, []);
    await delay(SETTLE_MS);
    const before = await readHostMemory(stack);
    await openSessions(stack, challenge, SESSIONS, idle, startsMs);
    await delay(SETTLE_MS);
    const after = await readHostMemory(stack);
    const echoesMs: number[] = [];
    for (const { line } of idle) echoesMs.push(await timeKey(line, "q"));
    return [
      ...figuresOf(before, after),
      { name: `POST to first prompt byte, ${AT_ONCE} at once up to ${SESSIONS}`, unit: "ms", samples: startsMs },
      { name: `echo in each of ${idle.length} idle sessions`, unit: "ms", samples: echoesMs },
    ];
  } finally {
    for (const { socket } of idle) await socket.close();
    await Promise.all(lanesOf(idle).map(endSessions));
    await waitUntil(async () => !(await holdsSessions(stack)), END_MS, "the end of all sessions");
  }
}

async function openSessions(
  stack: Stack,
  challenge: string,
  count: number,
  idle: Idle[],
  startsMs: number[],
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => idle.length + index);
  await Promise.all(
    lanesOf(numbers).map(async (lane) => {
      for (const number of lane) {
        const user = await TestUser.signIn(stack.address, `bench-idle-${number}`);
        const startedAt = performance.now();
        const { session } = await user.openSession(challenge);
        const socket = new BerthSocket(user, session.id);
        const line = await socket.open(0);
        startsMs.push(performance.now() - startedAt);
        idle.push({ user, session: session.id, socket, line });
      }
    }),
  );
}

async function endSessions(lane: readonly Idle[]): Promise<void> {
  for (const { user, session } of lane) await user.endSession(session);
}

function lanesOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: AT_ONCE }, (_, lane) => all.filter((_one, index) => index % AT_ONCE === lane));
}

function figuresOf(before: HostMemory, after: HostMemory): Figure[] {
  const sessions = after.sessionsKib - before.sessionsKib;
  const servers = after.serversKib - before.serversKib;
  const perSession = (name: string, kib: number): Figure => ({
    name: `memory per idle session with a terminal, ${name}`,
    unit: "MiB",
    samples: [kib / SESSIONS / KIB_PER_MIB],
  });
  return [
    perSession("charged to it", sessions),
    perSession("in engine, shim, daemon and edge", servers),
    perSession("both", sessions + servers),
    perSession("by what the machine has left", before.availableKib - after.availableKib),
    { name: `memory of all ${WARM_UP + SESSIONS} sessions`, unit: "MiB", samples: [after.sessionsKib / KIB_PER_MIB] },
  ];
}
