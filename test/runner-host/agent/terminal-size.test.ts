// A new size is told between the output of the old one and that of the new, once, to whoever watches.

import { beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { type OutputSink, TerminalOutput } from "../../../runner-host/agent/terminal-output.ts";

const WINDOW = limits.creditWindowBytes;
let told: string[];
let output: TerminalOutput;
const sink: OutputSink = {
  frame: (connection, offset, payload) => told.push(`${connection}: ${offset}+${payload.length}`),
  behind: (connection, offset) => told.push(`${connection} behind at ${offset}`),
  truncated: (connection, offset) => told.push(`${connection} truncated to ${offset}`),
  resized: ({ cols, rows }) => told.push(`${cols}x${rows}`),
  exited: (exitCode) => told.push(`exited ${exitCode}`),
};
beforeEach(() => {
  told = [];
  output = new TerminalOutput();
});

/** Says what came of one pump. */
function pump(nowMs: number): string[] {
  told = [];
  output.pump(sink, nowMs);
  return told;
}

const print = (bytes: number) => output.append(new Uint8Array(bytes), 0);
const resize = (cols: number, rows: number) => output.resize({ cols, rows });

test("what was read before goes first, without waiting for more, and what is read later goes after", () => {
  output.attach(1, null);
  print(10);
  pump(0);
  print(5);
  resize(100, 50);
  print(7);
  expect(pump(1)).toEqual(["0: 10+5", "100x50"]);
  expect(pump(10)).toEqual(["0: 15+7"]);
});

test("with nothing waiting it is told at once, and not again", () => {
  output.attach(1, null);
  output.attach(2, null);
  pump(0);
  resize(100, 50);
  expect(pump(1)).toEqual(["100x50"]);
  expect(pump(10)).toEqual([]);
});

test("of two that are not told yet the later one is", () => {
  output.attach(1, null);
  pump(0);
  resize(100, 50);
  resize(90, 40);
  expect(pump(1)).toEqual(["90x40"]);
});

test("a replay stops for it, too", () => {
  print(10);
  output.attach(1, null);
  resize(100, 50);
  print(7);
  expect(pump(0)).toEqual(["1: 0+10", "100x50"]);
  expect(pump(10)).toEqual(["1: 10+7"]);
});

test("it waits for the viewer furthest ahead to have credit for the output before it", () => {
  output.attach(1, null);
  pump(0);
  print(WINDOW + 10);
  resize(100, 50);
  print(5);
  expect(pump(1)).not.toContain("100x50");
  output.ack(1, WINDOW);
  expect(pump(10)).toEqual([`0: ${WINDOW}+10`, "100x50"]);
  expect(pump(20)).toEqual([`0: ${WINDOW + 10}+5`]);
});

test("who is behind hears it early, who is ahead in order", () => {
  output.attach(1, null);
  output.attach(2, null);
  pump(0);
  print(WINDOW);
  pump(1);
  output.ack(2, WINDOW);
  print(10);
  pump(10);
  resize(100, 50);
  print(20);
  expect(pump(20)).toEqual(["100x50", `0: ${WINDOW + 10}+20`]);
  output.ack(1, WINDOW);
  expect(pump(30)).toEqual([`1: ${WINDOW + 10}+20`]);
});

test("nobody who watches needs to be told: who comes is told the size as it opens", () => {
  output.attach(1, null);
  print(10);
  pump(0);
  output.detach(1, 0);
  resize(100, 50);
  pump(1);
  output.attach(2, 10);
  expect(pump(10)).toEqual([]);
});

test("it does not keep the end of a program from being told", () => {
  output.attach(1, null);
  print(10);
  resize(100, 50);
  output.exit(0);
  expect(pump(0)).toEqual(["1: 0+10", "100x50", "exited 0"]);
});
