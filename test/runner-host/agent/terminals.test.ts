// Terminals are opened, attached, closed and told about by their number and instance.

import { beforeEach, expect, test } from "vitest";
import type { AgentMessage, DaemonMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import { Terminals, type TerminalsOptions } from "../../../runner-host/agent/terminals.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedPty } from "../../support/scripted-pty.ts";

let said: AgentMessage[];
let frames: RunnerFrame[];
let ptys: ScriptedPty[];
let environments: Record<string, string>[];
let failure: Error | null;
let terminals: Terminals;
const clock = new FakeClock();

beforeEach(() => {
  [said, frames, ptys, environments, failure] = [[], [], [], [], null];
  terminals = new Terminals(options);
});

const options: TerminalsOptions = {
  clock,
  link: { send: (message) => said.push(message), sendOutput: (frame) => frames.push(frame), canSend: () => true },
  openPty: ({ environment }, events) => {
    if (failure !== null) throw failure;
    environments.push(environment);
    const pty = new ScriptedPty(events);
    ptys.push(pty);
    return pty;
  },
  shell: { file: "sh", args: [], environment: { LANG: "C.UTF-8" }, directory: "/" },
};

function open(connection: number, terminal = 0, changes: Partial<Extract<DaemonMessage, { type: "open" }>> = {}): void {
  terminals.apply({
    type: "open",
    connection,
    terminal,
    cols: 80,
    rows: 24,
    claimsSize: true,
    client: `client-${connection}`,
    instance: null,
    offset: null,
    ...changes,
  });
}

function sizesTold(): string[] {
  return said.flatMap((message) =>
    message.type === "resized"
      ? [`resized ${message.cols}x${message.rows}`]
      : message.type === "opened"
        ? [`opened ${message.cols}x${message.rows}`]
        : [],
  );
}

test("each shell knows its instance, by which the page knows its prompts", () => {
  open(1);
  open(1, 1);
  expect(environments).toEqual(
    terminals.summaries.map(({ instance }) => ({ LANG: "C.UTF-8", BERTH_TERMINAL: instance })),
  );
  expect(new Set(environments.map((each) => each["BERTH_TERMINAL"])).size).toBe(2);
});

test("a shell that cannot be started is reported to who asked, and may be asked for again", () => {
  failure = new Error("no more processes");
  open(4);
  expect(said).toEqual([
    { type: "open_failed", connection: 4, terminal: 0, message: "The shell did not start: no more processes" },
  ]);
  failure = null;
  open(4);
  expect(said[1]).toMatchObject({ type: "opened", connection: 4, offset: 0, end: 0, received: 0 });
});

test("the size is that of the open that creates, then of who claims or resizes last, and each change is told once", () => {
  open(1, 0, { claimsSize: false, cols: 90, rows: 30 });
  open(2, 0, { claimsSize: false, cols: 100, rows: 50 });
  expect(ptys[0]?.size).toBeNull();
  open(3, 0, { cols: 100, rows: 50 });
  expect(ptys[0]?.size).toEqual({ cols: 100, rows: 50 });
  terminals.apply({ type: "resize", connection: 1, terminal: 0, cols: 10, rows: 5 });
  terminals.apply({ type: "resize", connection: 2, terminal: 0, cols: 10, rows: 5 });
  open(3, 0, { cols: 10, rows: 5 });
  expect(ptys[0]?.size).toEqual({ cols: 10, rows: 5 });
  expect(sizesTold()).toEqual([
    "opened 90x30",
    "opened 90x30",
    "resized 100x50",
    "opened 100x50",
    "resized 10x5",
    "opened 10x5",
  ]);
});

test("a probe is answered as it came", () => {
  terminals.apply({ type: "probe", connection: 3, probe: 17, at: "container" });
  expect(said).toEqual([{ type: "probed", connection: 3, probe: 17, at: "container" }]);
});

test("a terminal that floods lets the others between, whichever it is", () => {
  let room = 0;
  const link = {
    send: () => undefined,
    sendOutput: (frame: RunnerFrame) => {
      frames.push(frame);
      room -= 1;
    },
    canSend: () => room > 0,
  };
  terminals = new Terminals({ ...options, link });
  for (const terminal of [0, 1, 2]) open(1, terminal);
  for (const pty of ptys) pty.print(Buffer.alloc(limits.creditWindowBytes));
  for (let turn = 0; turn < 3; turn++) {
    room = 2;
    terminals.resumeSending();
  }
  expect(new Set(frames.map(({ terminal }) => terminal))).toEqual(new Set([0, 1, 2]));
});

test("input of a connection that is no viewer goes nowhere", () => {
  open(1);
  terminals.takeInput({ connection: 2, terminal: 0, offset: 0, payload: Buffer.from("x") });
  terminals.takeInput({ connection: 1, terminal: 5, offset: 0, payload: Buffer.from("x") });
  expect(ptys[0]?.typed.length).toBe(0);
});

test("after all are detached nobody is sent anything until it opens again", () => {
  open(1);
  ptys[0]?.print("a");
  terminals.apply({ type: "detach_all" });
  ptys[0]?.print("b");
  expect(frames.map(({ payload }) => String.fromCharCode(...payload))).toEqual(["a"]);
  open(1);
  clock.advance(10);
  expect(frames.slice(1).map(({ connection, offset }) => [connection, offset])).toEqual([[1, 0]]);
});

test("terminals are apart: each has its own instance, input and output", () => {
  open(1, 0);
  open(1, 7);
  terminals.takeInput({ connection: 1, terminal: 7, offset: 0, payload: Buffer.from("seven") });
  expect(ptys.map((pty) => pty.typed.toString())).toEqual(["", "seven"]);
  expect(terminals.summaries.map(({ terminal, exited }) => [terminal, exited])).toEqual([
    [0, false],
    [7, false],
  ]);
  expect(new Set(terminals.summaries.map(({ instance }) => instance)).size).toBe(2);
});

test("a closed terminal is hung up, told as exited once, and its number is free", () => {
  open(1);
  const instance = terminals.summaries[0]?.instance ?? "";
  terminals.apply({ type: "close", connection: 1, terminal: 0, instance });
  terminals.apply({ type: "close", connection: 1, terminal: 0, instance });
  expect(ptys[0]?.isHungUp).toBe(true);
  expect(said.filter(({ type }) => type === "exited")).toEqual([{ type: "exited", terminal: 0, exitCode: 129 }]);
  expect(terminals.summaries).toEqual([]);
});

test("closing an instance leaves the one that was started after it alone", () => {
  open(1);
  const before = terminals.summaries[0]?.instance ?? "";
  terminals.apply({ type: "close", connection: 1, terminal: 0, instance: before });
  open(1);
  const now = terminals.summaries;
  terminals.apply({ type: "close", connection: 2, terminal: 0, instance: before });
  expect(ptys[1]?.isHungUp).toBe(false);
  expect(terminals.summaries).toEqual(now);
});

test("a warning is output of each terminal whose shell has the foreground, and of no other", () => {
  for (const terminal of [0, 1, 2]) open(1, terminal);
  const [idle, busy, gone] = ptys;
  if (busy !== undefined) busy.isBusy = true;
  gone?.end(0);
  expect(terminals.isBusy).toBe(true);
  idle?.print("$ ");
  frames = [];
  terminals.apply({ type: "warn", message: "Soon." });
  clock.advance(1_000);
  expect(frames.map(({ terminal, offset, payload }) => [terminal, offset, Buffer.from(payload).toString()])).toEqual([
    [0, 2, "\r\n\x1b[KBerth: Soon.\r\n$ "],
  ]);
});
