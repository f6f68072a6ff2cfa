// The daemon holds an agent to what it was asked for and to the credit that its viewers gave.

import { beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { PROBES_ASKED_MAX } from "../../../runner-host/sessions/asked-probes.ts";
import { CreditLedger } from "../../../runner-host/sessions/credit-ledger.ts";
import { OPENS_PENDING_MAX, VIEWERS_MAX } from "../../../runner-host/sessions/terminal-account.ts";

const INSTANCE = `t_${"a".repeat(26)}`;
const OTHER_INSTANCE = `t_${"b".repeat(26)}`;
const WINDOW = limits.creditWindowBytes;
const FRAME = limits.terminalFrameBytes;
const SIZE = { cols: 80, rows: 24 };
let ledger: CreditLedger;
beforeEach(() => {
  ledger = new CreditLedger();
});

const at = (connection: number) => ({ connection, terminal: 0 });
const open = (connection: number, client = `c${connection}`, claimsSize = false) =>
  ledger.noteViewer({
    type: "open",
    ...at(connection),
    ...SIZE,
    claimsSize,
    client,
    instance: null,
    offset: null,
  });
const opened = (connection: number, offset = 0, { instance = INSTANCE, received = 0 } = {}) =>
  ledger.judgeEvent({ type: "opened", ...at(connection), instance, offset, end: offset, received, ...SIZE });
const attach = (...connections: number[]) => {
  for (const connection of connections) open(connection);
  for (const connection of connections) opened(connection);
};
const ack = (connection: number, offset: number) => ledger.noteViewer({ type: "ack", ...at(connection), offset });
const detach = (connection: number) => ledger.noteViewer({ type: "detach", connection });
const type = (connection: number, offset: number, bytes: number) =>
  ledger.noteInput({ ...at(connection), offset, payload: new Uint8Array(bytes) });
const received = (connection: number, offset: number) =>
  ledger.judgeEvent({ type: "received", ...at(connection), offset });
const behind = (connection: number, offset: number) => ledger.judgeEvent({ type: "behind", ...at(connection), offset });
const truncated = (connection: number, offset: number) =>
  ledger.judgeEvent({ type: "truncated", ...at(connection), offset });
const exited = () => ledger.judgeEvent({ type: "exited", terminal: 0, exitCode: 0 });
const resized = () => ledger.judgeEvent({ type: "resized", terminal: 0, ...SIZE });
const output = (connection: number, offset: number, bytes = FRAME) =>
  ledger.judgeOutput({ ...at(connection), offset, payload: new Uint8Array(bytes) });
const fill = (connection: number, from: number, to: number) => {
  for (let offset = from; offset < to; offset += FRAME) output(connection, offset, Math.min(FRAME, to - offset));
};

test("a window of its own output passes, one byte more is a violation, an ack lets more pass", () => {
  attach(1);
  for (let offset = 0; offset < WINDOW; offset += FRAME) expect(output(1, offset)).toBe("forward");
  expect(output(1, WINDOW, 1)).toBe("violation");
  ack(1, FRAME);
  expect(output(1, WINDOW)).toBe("forward");
});

test("output for all may overrun a viewer's window once, if that viewer then leaves the live flow", () => {
  attach(1, 2);
  fill(0, 0, WINDOW);
  ack(2, WINDOW);
  expect(output(0, WINDOW)).toBe("forward");
  expect(behind(1, WINDOW + FRAME)).toBe("forward");
  expect(output(0, WINDOW + FRAME)).toBe("forward");
  expect(output(1, WINDOW + FRAME, 1)).toBe("violation");
});

test("output for all follows the most advanced viewer, even one that has just left, and nothing follows nobody", () => {
  attach(1, 2);
  fill(0, 0, WINDOW);
  expect(output(0, WINDOW)).toBe("violation");
  ack(2, WINDOW);
  detach(2);
  expect(output(0, WINDOW)).toBe("forward");
});

test("a viewer that is left in the live flow without credit is a violation", () => {
  attach(1, 2);
  fill(0, 0, WINDOW);
  ack(2, WINDOW);
  output(0, WINDOW);
  expect(output(0, WINDOW + FRAME)).toBe("violation");
});

test("who left the live flow gets what is for all only after a frame of its own", () => {
  attach(1, 2);
  fill(0, 0, FRAME);
  expect(behind(1, FRAME)).toBe("forward");
  expect(output(0, FRAME)).toBe("forward");
  detach(2);
  expect(output(0, 2 * FRAME)).toBe("drop");
  expect(output(1, FRAME)).toBe("forward");
  expect(output(0, 2 * FRAME)).toBe("forward");
});

test.for([
  ["before its open is answered", () => open(1), 0],
  ["before it was live", () => attach(1), 0],
  ["at an offset that it has not reached", () => (attach(1), output(0, 0)), 2 * FRAME],
  ["at an offset that it had", () => (attach(1), output(0, 0)), FRAME - 1],
  ["again", () => (attach(1), output(0, 0), behind(1, FRAME)), FRAME],
] as const)("to take a viewer out of the live flow %s is a violation", ([, arrange, offset]) => {
  arrange();
  expect(behind(1, offset)).toBe("violation");
});

test("output that was sent, and output that leaves a gap, is a violation", () => {
  attach(1, 2);
  output(0, 0);
  for (const offset of [0, FRAME - 1, FRAME + 1]) expect(output(1, offset, 10)).toBe("violation");
  expect(output(1, FRAME)).toBe("forward");
  expect(output(0, 0)).toBe("violation");
});

test("output for all passes who is not there yet", () => {
  attach(1);
  output(0, 0);
  attach(2);
  expect(output(0, FRAME)).toBe("forward");
  expect(output(2, 0)).toBe("forward");
});

test("an ack of what was never sent buys nothing, and is passed on as one of what was", () => {
  attach(1);
  output(1, 0);
  expect(ack(1, 10 * WINDOW)).toMatchObject({ type: "ack", offset: FRAME });
  fill(1, FRAME, WINDOW + FRAME);
  expect(output(1, WINDOW + FRAME, 1)).toBe("violation");
});

test("an ack that the agent comes to after an open counts after its answer", () => {
  attach(1);
  output(1, 0);
  open(1);
  ack(1, FRAME);
  opened(1);
  fill(1, 0, WINDOW);
  expect(output(1, WINDOW)).toBe("forward");
  expect(output(1, WINDOW + FRAME, 1)).toBe("violation");
});

test("what nobody waits for is dropped", () => {
  expect([output(0, 0), output(5, 0), opened(5), received(5, 1), behind(5, 0), truncated(5, 1)]).toEqual(
    Array.from({ length: 6 }, () => "drop"),
  );
  attach(1);
  detach(1);
  expect([output(0, 0), output(1, 0), received(1, 1)]).toEqual(["drop", "drop", "drop"]);
});

test("an answer that nobody asked for is a violation", () => {
  open(1);
  expect([received(1, 0), truncated(1, 1), output(1, 0), behind(1, 0)]).toEqual(
    Array.from({ length: 4 }, () => "violation"),
  );
  expect(opened(1)).toBe("forward");
  expect(opened(1)).toBe("violation");
  expect(ledger.judgeEvent({ type: "open_failed", ...at(1), message: "" })).toBe("violation");
});

test("the answer to an open of a viewer that has left is dropped, and begins another instance all the same", () => {
  attach(1);
  output(0, 0);
  open(2);
  detach(2);
  expect(opened(2, 0, { instance: OTHER_INSTANCE })).toBe("drop");
  expect(output(0, 0)).toBe("drop");
});

test("input is passed on from viewers alone", () => {
  expect(type(1, 0, 5)).toBe(false);
  open(1);
  expect(type(1, 0, 5)).toBe(true);
});

test("input is told as taken up to what was typed, twice for each frame at most", () => {
  attach(1, 2);
  type(1, 0, 5);
  expect([received(1, 5), received(1, 5), received(1, 5), received(1, 5)]).toEqual([
    "forward",
    "forward",
    "forward",
    "violation",
  ]);
  type(2, 0, 3);
  expect(received(2, 4)).toBe("violation");
});

test("what one client typed on an earlier connection, or had taken before, counts on the next", () => {
  open(1, "same");
  opened(1);
  type(1, 0, 5);
  open(2, "same");
  opened(2);
  type(2, 0, 1);
  expect(received(2, 5)).toBe("forward");
  open(3, "other");
  opened(3, 0, { received: 100 });
  type(3, 100, 1);
  expect([received(3, 101), received(3, 102)]).toEqual(["forward", "violation"]);
});

test("a connection that becomes another client may still be told of the one before", () => {
  open(1, "one");
  opened(1);
  type(1, 0, 9);
  open(1, "two");
  type(1, 0, 2);
  expect([received(1, 9), received(1, 10)]).toEqual(["forward", "violation"]);
});

test("a viewer moved over lost output has what is under way still counted against it", () => {
  attach(1);
  fill(1, 0, WINDOW / 2);
  expect(truncated(1, 5 * WINDOW)).toBe("forward");
  fill(1, 5 * WINDOW, 5.5 * WINDOW - FRAME);
  expect(output(1, 5.5 * WINDOW - FRAME)).toBe("forward");
  expect(output(1, 5.5 * WINDOW)).toBe("violation");
});

test("no viewer is moved back, or on while most of its window is under way, or without a frame between", () => {
  attach(1);
  fill(1, 0, WINDOW / 2 + FRAME);
  expect(truncated(1, 5 * WINDOW)).toBe("violation");
  ack(1, FRAME);
  expect(truncated(1, WINDOW / 2)).toBe("violation");
  expect(truncated(1, 5 * WINDOW)).toBe("forward");
  expect(truncated(1, 6 * WINDOW)).toBe("violation");
  expect(output(1, 5 * WINDOW)).toBe("forward");
});

test("a new instance starts at nothing, for who opened it", () => {
  attach(1, 2);
  fill(0, 0, WINDOW);
  ack(1, WINDOW);
  ack(2, WINDOW);
  open(1);
  expect(opened(1, 0, { instance: OTHER_INSTANCE })).toBe("forward");
  expect(output(0, WINDOW, 1)).toBe("violation");
  expect(output(2, 0)).toBe("drop");
  expect(output(0, 0)).toBe("forward");
});

test("an end is told once to nobody, and once for each who opens", () => {
  expect([exited(), exited()]).toEqual(["forward", "violation"]);
  ledger.clear();
  attach(1, 2);
  const told = Array.from({ length: 5 }, exited);
  expect(told.at(-1)).toBe("violation");
  expect(told.slice(0, 3)).toEqual(["forward", "forward", "forward"]);
});

test("a size is told once for each that was asked for by a viewer", () => {
  expect(ledger.noteViewer({ type: "resize", ...at(1), ...SIZE })).toBeNull();
  attach(1);
  expect(resized()).toBe("violation");
  ledger.clear();
  open(1, "c", true);
  ledger.noteViewer({ type: "resize", ...at(1), ...SIZE });
  expect([resized(), resized(), resized()]).toEqual(["forward", "forward", "violation"]);
});

test("probes are answered in order, as they were asked, by the container alone", () => {
  const ask = (connection: number, probe: number) =>
    ledger.noteViewer({ type: "probe", connection, probe, at: "container" });
  const probed = (connection: number, probe: number, where: "host" | "container" = "container") =>
    ledger.judgeEvent({ type: "probed", connection, probe, at: where });
  expect(probed(1, 1)).toBe("violation");
  ask(1, 1);
  ask(2, 1);
  ask(1, 2);
  expect([probed(2, 1), probed(1, 2), probed(1, 1, "host")]).toEqual(["violation", "violation", "violation"]);
  detach(2);
  expect([probed(1, 1), probed(2, 1), probed(1, 2), probed(1, 2)]).toEqual(["forward", "drop", "forward", "violation"]);
});

test("probes, viewers and opens that an agent does not answer are bounded", () => {
  const probe = (number: number) => ledger.noteViewer({ type: "probe", connection: 1, probe: number, at: "container" });
  for (let i = 1; i <= PROBES_ASKED_MAX; i++) expect(probe(i)).not.toBeNull();
  expect(probe(PROBES_ASKED_MAX + 1)).toBeNull();

  for (let i = 1; i <= OPENS_PENDING_MAX; i++) expect(open(1)).not.toBeNull();
  expect(open(1)).toBeNull();

  for (let connection = 2; connection <= VIEWERS_MAX; connection++) expect(open(connection)).not.toBeNull();
  expect(open(VIEWERS_MAX + 1)).toBeNull();
  detach(2);
  expect(open(VIEWERS_MAX + 1)).toBeNull();
  opened(2);
  expect(open(VIEWERS_MAX + 1)).not.toBeNull();
});

test("messages of who is no viewer are not passed on", () => {
  expect([ack(1, 0), detach(1), ledger.noteViewer({ type: "resize", ...at(1), ...SIZE })]).toEqual([null, null, null]);
  open(1);
  expect([ack(1, 0), detach(1)]).not.toContain(null);
});
