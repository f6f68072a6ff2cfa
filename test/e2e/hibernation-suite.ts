// What an idle session does at the edge, for a short and a whole run: it leaves memory while its sockets stay open and their heartbeats run, and comes back at the next byte with nothing lost.

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { constructions, type EdgeCounts, readEdgeCounts } from "../support/edge-metrics.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import type { TestTerminal } from "../support/test-terminal.ts";
import { TestUser } from "../support/test-user.ts";

export interface HibernationSuite {
  /** Of the data directory. */
  readonly name: string;
  /** Objects leave memory after some ten seconds. */
  readonly idleMs: number;
}

const READY_MS = 30_000;
/** A deadline; how long it takes is printed, and judged by the bench. */
const ECHO_MS = 2_000;

export function describeHibernation({ name, idleMs }: HibernationSuite): void {
  let stack: Stack;
  let user: TestUser;
  let client: TestClient;
  let terminal: TestTerminal;

  beforeAll(async () => {
    stack = await Stack.start({ name });
    user = await TestUser.signIn(stack.address, "idle");
    const { session } = await user.openSession("first-image");
    // More heartbeats than a browser's, so that each could do harm.
    client = new TestClient(user, session.id, { pingEveryMs: 2_000 });
    terminal = await client.open(0, READY_MS);
  });

  afterAll(async () => {
    client.leave();
    expect(await stack.stop()).toEqual([]);
  });

  /** What came to memory since `before`. */
  async function constructedSince(before: EdgeCounts): Promise<{ sessions: number; pools: number }> {
    const now = await readEdgeCounts(stack);
    return {
      sessions: constructions(now, "UserSession") - constructions(before, "UserSession"),
      pools: constructions(now, "RunnerPool") - constructions(before, "RunnerPool"),
    };
  }

  it("a browser's next key finds it gone from memory, and is echoed", async () => {
    client.type(terminal, "echo; seq -f 'n%.0f' 1 2000; echo all-n\n");
    await client.waitForOutput(terminal, /\nall-n\r\n/, READY_MS);
    const before = await readEdgeCounts(stack);
    await delay(idleMs);
    expect(await constructedSince(before)).toEqual({ sessions: 0, pools: 0 });

    const shown = terminal.offset;
    const typedAt = performance.now();
    client.type(terminal, "e");
    await client.waitFor(() => terminal.offset > shown, ECHO_MS, "the echo");
    process.stdout.write(`first echo after ${idleMs / 1000} s: ${(performance.now() - typedAt).toFixed(1)} ms\n`);
    expect(await constructedSince(before)).toEqual({ sessions: 1, pools: 0 });

    client.type(terminal, "cho; seq -f 'm%.0f' 1 2000; echo all-m\n");
    await client.waitForOutput(terminal, /\nall-m\r\n/, READY_MS);
    const numbers = [...terminal.text.matchAll(/^([nm]\d+)\r$/gm)].map(([, number]) => number);
    const expected = ["n", "m"].flatMap((letter) =>
      Array.from({ length: 2000 }, (_, index) => `${letter}${index + 1}`),
    );
    expect(numbers).toEqual(expected);
  });

  it("a program's next line finds it gone from memory, and is shown", async () => {
    client.type(terminal, `echo; echo going; sleep ${idleMs / 1000}; seq -f 'k%.0f' 1 2000; echo all-k\n`);
    await client.waitForOutput(terminal, /\ngoing\r\n/, READY_MS);
    const before = await readEdgeCounts(stack);
    await client.waitForOutput(terminal, /\nall-k\r\n/, idleMs + READY_MS);
    expect(await constructedSince(before)).toEqual({ sessions: 1, pools: 0 });
    const numbers = [...terminal.text.matchAll(/^k(\d+)\r$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
  });

  it("a runner pool comes back to place the next session on the same host", async () => {
    const before = await readEdgeCounts(stack);
    const other = await TestUser.signIn(stack.address, "other");
    const { session } = await other.openSession("first-image");
    const neighbour = new TestClient(other, session.id);
    await neighbour.open(0, READY_MS);
    neighbour.leave();
    await other.endSession(session.id);
    expect(await constructedSince(before)).toEqual({ sessions: 1, pools: 1 });
  });

  it("none of it cut a socket or broke a rule", () => {
    expect(client.connections).toBe(1);
    expect(client.errors).toEqual([]);
    expect(terminal.faults).toEqual([]);
  });
}
