// The line of writers and each stream's side of it, on a fake clock.

import { describe, expect, it } from "vitest";
import { TransactionWatch } from "../../../local/libsql-server/transaction-watch.ts";
import { WriteTurn } from "../../../local/libsql-server/write-turn.ts";
import { FakeTimers } from "./fake-timers.ts";

const WAIT_MS = 5_000;

describe("WriteTurn", () => {
  it("hands the turn over in the order in which it was asked for", async () => {
    const turn = new WriteTurn(new FakeTimers().set);
    const [a, b, c] = [{}, {}, {}];
    const order: string[] = [];
    await turn.take(a, WAIT_MS);
    const waits = [
      turn.take(b, WAIT_MS).then(() => order.push("b")),
      turn.take(c, WAIT_MS).then(() => order.push("c")),
    ];
    turn.release(a);
    await waits[0];
    expect(order).toEqual(["b"]);
    turn.release(b);
    await waits[1];
    expect(order).toEqual(["b", "c"]);
  });

  it("gives up at its deadline, not before, and leaves the line intact", async () => {
    const timers = new FakeTimers();
    const turn = new WriteTurn(timers.set);
    const [a, b, c] = [{}, {}, {}];
    await turn.take(a, WAIT_MS);
    const late = turn.take(b, WAIT_MS);
    const patient = turn.take(c, WAIT_MS * 2);
    timers.advance(WAIT_MS - 1);
    expect(timers.pending).toBe(2);
    timers.advance(1);
    expect(await late).toBe(false);
    turn.release(a);
    expect(await patient).toBe(true);
    expect(turn.isHeldBy(c)).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it("ignores a release by somebody else", async () => {
    const turn = new WriteTurn(new FakeTimers().set);
    const owner = {};
    await turn.take(owner, WAIT_MS);
    turn.release({});
    expect(turn.isHeldBy(owner)).toBe(true);
  });
});

describe("TransactionWatch", () => {
  const open = { inTransaction: true };
  const none = { inTransaction: false };

  function makePair() {
    const timers = new FakeTimers();
    const turn = new WriteTurn(timers.set);
    return { timers, turn, first: new TransactionWatch(turn, WAIT_MS), second: new TransactionWatch(turn, WAIT_MS) };
  }

  it("keeps the turn for the whole transaction and gives it back with its end", async () => {
    const { turn, first } = makePair();
    await first.enter("begin_write", none);
    first.note("begin_write", open);
    expect(turn.isHeldBy(first)).toBe(true);
    await first.enter("write", open);
    first.note("write", open);
    expect(turn.isHeldBy(first)).toBe(true);
    first.note("end", none);
    expect(turn.isHeldBy(first)).toBe(false);
  });

  it("answers SQLITE_BUSY when the turn does not come in time", async () => {
    const { timers, first, second } = makePair();
    await first.enter("begin_write", none);
    first.note("begin_write", open);
    const refused = expect(second.enter("write", none)).rejects.toMatchObject({ code: "SQLITE_BUSY" });
    timers.advance(WAIT_MS);
    await refused;
  });

  it("refuses a write on a snapshot that another stream wrote past, and lets the next one go", async () => {
    const { turn, first, second } = makePair();
    first.note("begin", open);
    first.note("read", open);
    await second.enter("write", none);
    second.note("write", none);
    await expect(first.enter("write", open)).rejects.toMatchObject({ code: "SQLITE_BUSY_SNAPSHOT" });
    expect(turn.isHeldBy(first)).toBe(false);
    first.note("end", none);
    await first.enter("write", none);
    expect(turn.isHeldBy(first)).toBe(true);
  });

  it("lets a deferred transaction that has read nothing yet write after others did", async () => {
    const { first, second } = makePair();
    first.note("begin", open);
    await second.enter("write", none);
    second.note("write", none);
    await expect(first.enter("write", open)).resolves.toBeUndefined();
  });

  it("refuses writes in a read-only transaction and allows them after it", async () => {
    const { first } = makePair();
    first.note("begin_read_only", open);
    await expect(first.enter("write", open)).rejects.toMatchObject({ code: "SQLITE_READONLY" });
    first.note("end", none);
    await expect(first.enter("write", none)).resolves.toBeUndefined();
  });
});
