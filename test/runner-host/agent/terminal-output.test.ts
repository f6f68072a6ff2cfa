// Output goes to each viewer within its credit, and waits when nobody watches.

import { beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { type OutputSink, PTY_READ_BYTES_MAX, TerminalOutput } from "../../../runner-host/agent/terminal-output.ts";
import { patternBytes } from "../../support/byte-pattern.ts";

type Told =
  | [connection: number, offset: number, bytes: number]
  | ["behind", number, number]
  | ["truncated", number, number]
  | ["resized", number, number]
  | ["exited", number];

let told: Told[];
const sink: OutputSink = {
  frame: (connection, offset, payload) => told.push([connection, offset, payload.length]),
  behind: (connection, offset) => told.push(["behind", connection, offset]),
  truncated: (connection, offset) => told.push(["truncated", connection, offset]),
  resized: ({ cols, rows }) => told.push(["resized", cols, rows]),
  exited: (exitCode) => told.push(["exited", exitCode]),
};
beforeEach(() => {
  told = [];
});

/** Prints in pieces as a PTY gives them, as long as the terminal wants it; returns how much was printed. */
function print(output: TerminalOutput, bytes: number, nowMs = 0): number {
  const before = output.end;
  while (output.end - before < bytes && output.wantsOutput(nowMs)) {
    output.append(patternBytes(output.end, Math.min(4_095, bytes - (output.end - before))), nowMs);
  }
  return output.end - before;
}

test("the first bytes go at once, what follows waits a moment, what answers input does not", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  expect(output.pump(sink, 0)).toBeNull();
  print(output, 10);
  expect(output.pump(sink, 0)).toBeNull();
  print(output, 5);
  expect(output.pump(sink, 1)).toBe(4);
  expect(told).toEqual([[0, 0, 10]]);
  output.expectEcho();
  expect(output.pump(sink, 1)).toBeNull();
  print(output, 7);
  output.pump(sink, 5);
  expect(told).toEqual([
    [0, 0, 10],
    [0, 10, 5],
    [0, 15, 7],
  ]);
});

test("no frame is added while what was sent has not left, and the rest follows when it has", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  print(output, 5 * limits.terminalFrameBytes);
  const upTo = (frames: number): OutputSink => ({ ...sink, canSend: () => told.length < frames });
  output.pump(upTo(2), 0);
  expect(told.map(([, offset]) => offset)).toEqual([0, limits.terminalFrameBytes]);
  output.attach(2, null);
  output.pump(upTo(3), 0);
  output.pump(sink, 10);
  const own = told.filter(([connection]) => connection === 2);
  const forAll = told.filter(([connection]) => connection === 0);
  expect([forAll.length, own.length]).toEqual([5, 5]);
});

test("a full frame does not wait", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  print(output, 3 * limits.terminalFrameBytes + 1);
  output.pump(sink, 0);
  output.pump(sink, 0);
  expect(told.map(([, , bytes]) => bytes)).toEqual([
    limits.terminalFrameBytes,
    limits.terminalFrameBytes,
    limits.terminalFrameBytes,
  ]);
});

test("nobody is sent more than the window beyond the last ack, and the program is held then", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  const printed = print(output, 10 * limits.creditWindowBytes);
  expect(printed).toBeGreaterThanOrEqual(limits.creditWindowBytes);
  expect(printed).toBeLessThan(limits.creditWindowBytes + PTY_READ_BYTES_MAX);
  output.pump(sink, 100);
  const sent = told.reduce((sum, one) => sum + (typeof one[2] === "number" ? one[2] : 0), 0);
  expect(sent).toBeLessThanOrEqual(limits.creditWindowBytes);
  expect(sent).toBeGreaterThan(limits.creditWindowBytes - 2);
  expect(output.wantsOutput(100)).toBe(false);
  output.ack(1, limits.ackEveryBytes);
  expect(output.wantsOutput(100)).toBe(true);
});

test("with nobody attached the program runs into the buffer, is held for a minute, and then runs on", () => {
  const output = new TerminalOutput();
  const filled = print(output, 10 * limits.replayBufferBytes, 1_000);
  expect(filled).toBeGreaterThan(limits.replayBufferBytes - 2 * PTY_READ_BYTES_MAX);
  expect(filled).toBeLessThanOrEqual(limits.replayBufferBytes);
  expect(output.pump(sink, 2_000)).toBe(1_000 + limits.unattendedHoldMs);
  expect(output.wantsOutput(999 + limits.unattendedHoldMs)).toBe(false);
  expect(output.wantsOutput(1_000 + limits.unattendedHoldMs)).toBe(true);
  expect(output.attach(1, null)).toEqual({ offset: 0, end: filled, hasMissed: false });
});

test("who comes back within the hold gets exactly the rest; who comes later is told what is gone", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  print(output, 100);
  output.pump(sink, 0);
  output.ack(1, 100);
  output.detach(1, 0);
  print(output, 10 * limits.replayBufferBytes, 0);
  expect(output.attach(2, 100)).toEqual({ offset: 100, end: output.end, hasMissed: false });
  output.detach(2, 0);
  const later = limits.unattendedHoldMs;
  print(output, limits.replayBufferBytes, later);
  const { offset, end, hasMissed } = output.attach(3, 100);
  expect({ offset, hasMissed }).toEqual({ offset: end - limits.replayBufferBytes, hasMissed: true });
});

const END = 3 * limits.replayBufferBytes;
const START = END - limits.replayBufferBytes;
const opens: [string, number | null, { offset: number; hasMissed: boolean }][] = [
  ["nothing", null, { offset: START, hasMissed: false }],
  ["what is gone", 0, { offset: START, hasMissed: true }],
  ["a byte less than is kept", START - 1, { offset: START, hasMissed: true }],
  ["all that is gone", START, { offset: START, hasMissed: false }],
  ["a part of what is kept", START + 5, { offset: START + 5, hasMissed: false }],
  ["everything", END, { offset: END, hasMissed: false }],
  ["more than this instance ever reached", END + 1, { offset: START, hasMissed: false }],
];

test.for(opens)("who shows %s goes on from there, and hears of what is gone", ([, shown, expected]) => {
  const output = new TerminalOutput();
  for (let at = 0; at < END; at += 4_096) output.append(patternBytes(at, Math.min(4_096, END - at)), 0);
  expect(output.attach(1, shown)).toEqual({ ...expected, end: END });
  output.pump(sink, 0);
  expect(told[0]).toEqual(
    expected.offset === END
      ? undefined
      : [1, expected.offset, Math.min(limits.terminalFrameBytes, END - expected.offset)],
  );
});

test("a replay is addressed to its viewer; what follows is for all", () => {
  const output = new TerminalOutput();
  print(output, 50);
  output.attach(9, null);
  output.pump(sink, 0);
  print(output, 5);
  output.pump(sink, 10);
  expect(told).toEqual([
    [9, 0, 50],
    [0, 50, 5],
  ]);
});

test("a viewer that falls behind the buffer is told so and goes on at what is kept", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.attach(2, null);
  output.pump(sink, 0);
  for (let nowMs = 0; output.end < 3 * limits.replayBufferBytes; nowMs += 10) {
    print(output, 100_000, nowMs);
    output.pump(sink, nowMs);
    output.ack(1, output.end);
  }
  output.pump(sink, 1e6);
  told = [];
  output.ack(2, limits.creditWindowBytes - 1);
  output.pump(sink, 1e6);
  const start = output.end - limits.replayBufferBytes;
  expect(told[0]).toEqual(["truncated", 2, start]);
  expect(told[1]).toEqual([2, start, limits.terminalFrameBytes]);
});

test("the exit is told once everything was sent, and again to who comes later", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  print(output, 10);
  output.pump(sink, 0);
  print(output, 10);
  output.exit(3);
  output.pump(sink, 1);
  expect(told).toEqual([[0, 0, 10]]);
  output.pump(sink, 4);
  output.pump(sink, 5);
  expect(told).toEqual([
    [0, 0, 10],
    [0, 10, 10],
    ["exited", 3],
  ]);
  output.attach(2, 15);
  output.pump(sink, 6);
  expect(told.slice(3)).toEqual([
    [2, 15, 5],
    ["exited", 3],
  ]);
});

test("an exit that nobody watches is told at once", () => {
  const output = new TerminalOutput();
  print(output, 10);
  output.exit(0);
  output.pump(sink, 0);
  output.pump(sink, 1);
  expect(told).toEqual([["exited", 0]]);
});

/** Two live viewers, of which the first has drawn nothing and has one byte of its window left. */
function leaveOneByte(output: TerminalOutput): void {
  output.attach(1, null);
  output.attach(2, null);
  output.pump(sink, 0);
  for (let nowMs = 10; output.end < limits.creditWindowBytes - 1; nowMs += 10) {
    print(output, Math.min(4_095, limits.creditWindowBytes - 1 - output.end), nowMs);
    output.pump(sink, nowMs);
    output.ack(2, output.end);
  }
  told = [];
}

test("who uses its window up leaves the live flow, and what follows is its own until it has caught up", () => {
  const output = new TerminalOutput();
  leaveOneByte(output);
  const windowEnd = limits.creditWindowBytes;
  for (const nowMs of [10_000, 20_000, 30_000]) {
    print(output, 1, nowMs);
    output.pump(sink, nowMs);
  }
  expect(told).toEqual([
    [0, windowEnd - 1, 1],
    [0, windowEnd, 1],
    ["behind", 1, windowEnd + 1],
    [0, windowEnd + 1, 1],
  ]);
  told = [];
  output.ack(1, limits.ackEveryBytes);
  output.pump(sink, 40_000);
  print(output, 1, 50_000);
  output.pump(sink, 50_000);
  expect(told).toEqual([
    [1, windowEnd + 1, 1],
    [0, windowEnd + 2, 1],
  ]);
});

test("who left the live flow and has missed nothing since gets a frame of its own before it is live again", () => {
  const output = new TerminalOutput();
  leaveOneByte(output);
  const windowEnd = limits.creditWindowBytes;
  print(output, 2, 10_000);
  output.pump(sink, 10_000);
  output.ack(1, windowEnd);
  output.pump(sink, 20_000);
  for (const nowMs of [30_000, 40_000]) {
    print(output, 3, nowMs);
    output.pump(sink, nowMs);
  }
  expect(told).toEqual([
    [0, windowEnd - 1, 2],
    ["behind", 1, windowEnd + 1],
    [0, windowEnd + 1, 3],
    [1, windowEnd + 1, 3],
    [0, windowEnd + 4, 3],
  ]);
});

test("who left the live flow goes on alone when the others have gone", () => {
  const output = new TerminalOutput();
  leaveOneByte(output);
  const windowEnd = limits.creditWindowBytes;
  print(output, 2, 10_000);
  output.pump(sink, 10_000);
  output.detach(2, 10_000);
  output.ack(1, windowEnd);
  output.pump(sink, 20_000);
  told = [];
  for (const nowMs of [30_000, 40_000]) {
    print(output, 3, nowMs);
    output.pump(sink, nowMs);
  }
  expect(told).toEqual([
    [1, windowEnd + 1, 3],
    [0, windowEnd + 4, 3],
  ]);
});

test("who claims more than anybody was sent is shown what is kept, and not left waiting for a slow viewer", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  print(output, 2 * limits.creditWindowBytes, 0);
  output.pump(sink, 10);
  expect(output.attach(2, output.end)).toMatchObject({ offset: 0 });
  told = [];
  output.pump(sink, 20);
  expect(told[0]).toEqual([2, 0, limits.terminalFrameBytes]);
});

test("who opens where the live flow is gets what follows once, with the others", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  print(output, 10);
  output.pump(sink, 10);
  output.attach(2, 10);
  told = [];
  print(output, 5);
  output.pump(sink, 20);
  expect(told).toEqual([[0, 10, 5]]);
});

test("who joins a live flow that is stuck at a viewer without credit is sent the rest at once", () => {
  const output = new TerminalOutput();
  output.attach(1, null);
  output.pump(sink, 0);
  const printed = print(output, 2 * limits.creditWindowBytes);
  output.pump(sink, 10);
  expect(printed).toBeGreaterThan(limits.creditWindowBytes);
  output.attach(2, limits.creditWindowBytes - 100);
  told = [];
  output.pump(sink, 20);
  expect(told).toEqual([
    [2, limits.creditWindowBytes - 100, 100],
    [0, limits.creditWindowBytes, printed - limits.creditWindowBytes],
    ["behind", 1, printed],
  ]);
});
