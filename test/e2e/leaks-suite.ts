// Starts, uses and ends sessions, several at a time, and expects the machine to be as it was: the same for a long run and its short slice.

import { expect } from "vitest";
import { sessionSchema } from "#wire/session.ts";
import { compareSamples, type MachineSample, sampleMachine } from "../support/machine-sample.ts";
import type { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import { TestUser } from "../support/test-user.ts";
import { findTraces } from "../support/traces.ts";
import { waitUntil } from "../support/wait-until.ts";

/** A write-ahead log grows to 4 MiB before it is folded in. */
const SQLITE_BYTES = 6 * 2 ** 20;
const READY_MS = 60_000;
const USED_MS = 120_000;
const END_MS = 60_000;
/** What is closed, swept or given back a little later. */
const QUIET_MS = 60_000;

export interface LeakRun {
  readonly sessions: number;
  readonly atATime: number;
  /** Before the first sample: what is loaded once, cached or made on first use. */
  readonly warmUp: number;
  /** What a session may leave on disk: its user's rows in the objects and the database. */
  readonly keptBytesPerSession: number;
  /** What a process may grow by over all, in its heap and its caches. */
  readonly growthBytes: number;
}

export async function expectNothingGrows(stack: Stack, run: LeakRun): Promise<void> {
  const users = await Promise.all(
    Array.from({ length: run.atATime }, (_, number) => TestUser.signIn(stack.address, `leak-${number}`)),
  );
  await useSessions(stack, users, run.warmUp);
  const before = await sampleMachine(stack);
  await useSessions(stack, users, run.sessions);
  await waitUntil(async () => findGrown(before, await sampleMachine(stack)).length === 0, QUIET_MS).catch(
    () => undefined,
  );
  const after = await sampleMachine(stack);
  process.stdout.write(`${run.sessions} sessions\n${compareSamples(before, after)}\n`);
  expect(findGrown(before, after)).toEqual([]);
  for (const [name, bytes] of Object.entries(after.bytes)) {
    const grownBytes = bytes - (before.bytes[name] ?? 0);
    const mayBytes = name.startsWith("memory")
      ? run.growthBytes
      : SQLITE_BYTES + run.sessions * run.keptBytesPerSession;
    expect(grownBytes, name).toBeLessThan(mayBytes);
  }
}

/** Counts that are higher than they were; a few descriptors come and go. */
function findGrown(before: MachineSample, after: MachineSample): string[] {
  return Object.entries(after.counts).flatMap(([name, count]) => {
    const slack = name.startsWith("descriptors") ? 8 : 0;
    const was = before.counts[name] ?? 0;
    return count > was + slack ? [`${name}: ${was} -> ${count}`] : [];
  });
}

async function useSessions(stack: Stack, users: readonly TestUser[], count: number): Promise<void> {
  let left = count;
  const workers = users.map(async (user) => {
    while (left-- > 0) await useSession(stack, user);
  });
  await Promise.all(workers);
}

/** A shell, a container inside, and the end. */
async function useSession(stack: Stack, user: TestUser): Promise<void> {
  const { session } = await user.openSession("first-image");
  const client = new TestClient(user, session.id);
  try {
    const terminal = await client.open(0, READY_MS);
    client.type(terminal, "docker run --rm python:3.11-slim python3 -c 'print(6*7, \"inside\")'\n");
    await client.waitForOutput(terminal, /42 inside\r/, USED_MS);
  } finally {
    client.leave();
  }
  await user.endSession(session.id);
  await waitUntil(async () => {
    const answer = await user.request("GET", `/api/sessions/${session.id}`);
    return sessionSchema.parse(await answer.json()).state === "stopped";
  }, END_MS);
  await waitUntil(async () => (await findTraces(stack.dataDir, session.id)).length === 0, END_MS, "the reaping");
}
