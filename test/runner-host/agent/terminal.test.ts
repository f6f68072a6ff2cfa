// One program between its output and its input: what is told when, and what waits for what.

import { beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { RECEIPT_BYTES, RECEIPT_DELAY_MS } from "../../../runner-host/agent/terminal-input.ts";
import { Terminal } from "../../../runner-host/agent/terminal.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedPty } from "../../support/scripted-pty.ts";

let clock: FakeClock;
let told: string[];
let pty: ScriptedPty;
let canSend: boolean;
let terminal: Terminal;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  canSend = true;
  terminal = new Terminal(
    0,
    "t",
    { cols: 80, rows: 24 },
    (events) => (pty = new ScriptedPty(events)),
    {
      frame: (connection, _offset, payload) => told.push(`${connection}: ${Buffer.from(payload).toString()}`),
      behind: (connection) => told.push(`${connection} behind`),
      truncated: (connection) => told.push(`${connection} truncated`),
      resized: ({ cols, rows }) => told.push(`${cols}x${rows}`),
      exited: (exitCode) => told.push(`exited ${exitCode}`),
      received: (connection, offset) => told.push(`${connection} received ${offset}`),
      canSend: () => canSend,
    },
    clock,
  );
});

const attach = (connection: number, client = `c${connection}`) => terminal.attach(connection, client, null, null);
const type = (connection: number, offset: number, bytes: string | Uint8Array) =>
  terminal.takeInput(connection, offset, Buffer.from(bytes));

test("an echo stands before the receipt of its key, and one receipt serves the keys of a moment", () => {
  attach(1);
  for (const [i, key] of ["l", "s"].entries()) {
    type(1, i, key);
    pty.print(key);
    clock.advance(10);
  }
  clock.advance(RECEIPT_DELAY_MS);
  expect(told).toEqual(["0: l", "0: s", "1 received 2"]);
  expect(pty.typed.toString()).toBe("ls");
});

test("a paste is told piece by piece, after what the program has printed", () => {
  attach(1);
  pty.room = 0;
  type(1, 0, Buffer.alloc(RECEIPT_BYTES));
  expect(told).toEqual([`1 received ${RECEIPT_BYTES}`]);
});

test("a receipt that can wait waits for what is under way to leave, one that cannot does not", () => {
  attach(1);
  canSend = false;
  type(1, 0, "l");
  clock.advance(10 * RECEIPT_DELAY_MS);
  expect(told).toEqual([]);
  type(1, 5, "far ahead");
  expect(told).toEqual(["1 received 1"]);
  canSend = true;
  type(1, 1, "s");
  type(1, 2, "x");
  clock.advance(RECEIPT_DELAY_MS);
  expect(told).toEqual(["1 received 1", "1 received 2", "1 received 3"]);
});

test("what comes late from a connection that a client left for another is told on the other", () => {
  attach(1, "c");
  attach(2, "c");
  type(2, 0, "input");
  type(1, 0, "input");
  clock.advance(RECEIPT_DELAY_MS);
  type(1, 5, " and more");
  clock.advance(RECEIPT_DELAY_MS);
  expect(told).toEqual(["2 received 5", "2 received 14"]);
  expect(pty.typed.toString()).toBe("input and more");
});

test("a client that was held is told when the program reads again, on the connection it has then", () => {
  attach(1, "c");
  pty.room = 0;
  for (let offset = 0; offset <= limits.pendingInputBytes; offset += limits.inputFrameBytes)
    type(1, offset, Buffer.alloc(limits.inputFrameBytes));
  terminal.detach(1);
  expect(attach(2, "c").received).toBe(limits.pendingInputBytes);
  told = [];
  pty.room = Number.POSITIVE_INFINITY;
  clock.advance(10);
  expect(told).toEqual([`2 received ${limits.pendingInputBytes}`]);
});

test("nobody is told of input on a connection that has left, or has become another client", () => {
  attach(1, "one");
  attach(2, "two");
  type(1, 0, "x");
  type(2, 0, "y");
  terminal.detach(1);
  attach(2, "three");
  clock.advance(RECEIPT_DELAY_MS);
  expect(told).toEqual([]);
});

test("the size is told when it is another one, and is that of who asked last", () => {
  attach(1);
  terminal.resize({ cols: 80, rows: 24 });
  expect(pty.size).toBeNull();
  terminal.resize({ cols: 100, rows: 30 });
  terminal.resize({ cols: 100, rows: 30 });
  expect([told, pty.size]).toEqual([["100x30"], { cols: 100, rows: 30 }]);
  expect(attach(2)).toMatchObject({ cols: 100, rows: 30 });
});

const ENOUGH_BYTES = 2 * limits.replayBufferBytes;

/** A program that prints without end: how much it printed before it was held, or enough. */
function printOn(): number {
  let printed = 0;
  while (!pty.isPaused && printed < ENOUGH_BYTES) {
    pty.print(Buffer.alloc(4_096));
    printed += 4_096;
  }
  return printed;
}

test("in view of somebody who draws nothing, a program is held at the end of the window", () => {
  attach(1);
  expect(printOn()).toBe(limits.creditWindowBytes);
  clock.advance(2 * limits.unattendedHoldMs);
  expect(printOn()).toBe(0);
  terminal.ack(1, limits.ackEveryBytes);
  expect(printOn()).toBe(limits.ackEveryBytes);
});

test("with nobody there it is held at a full buffer for a minute, then it runs on until somebody comes", () => {
  const buffered = printOn();
  expect(buffered).toBeGreaterThan(limits.replayBufferBytes - 128 * 1024);
  expect(buffered).toBeLessThanOrEqual(limits.replayBufferBytes);
  clock.advance(limits.unattendedHoldMs - 1);
  expect(printOn()).toBe(0);
  clock.advance(1);
  expect(printOn()).toBe(ENOUGH_BYTES);
  expect(terminal.attach(1, "c", "t", 10)).toMatchObject({
    offset: buffered + ENOUGH_BYTES - limits.replayBufferBytes,
    end: buffered + ENOUGH_BYTES,
    hasMissed: true,
  });
  terminal.step();
  expect(printOn()).toBe(0);
});

test("each time that somebody was there the minute begins anew", () => {
  const buffered = printOn();
  clock.advance(limits.unattendedHoldMs - 1);
  expect(attach(1)).toMatchObject({ offset: 0, end: buffered, hasMissed: false });
  terminal.detach(1);
  clock.advance(limits.unattendedHoldMs - 1);
  expect(printOn()).toBe(0);
  clock.advance(1);
  expect(printOn()).toBe(ENOUGH_BYTES);
});
