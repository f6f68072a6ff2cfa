// The daemon holds an agent to the credit that its viewers gave.

import { beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { CreditLedger } from "../../../runner-host/sessions/credit-ledger.ts";

const INSTANCE = `t_${"a".repeat(26)}`;
const WINDOW = limits.creditWindowBytes;
const FRAME = limits.terminalFrameBytes;
let ledger: CreditLedger;
beforeEach(() => {
  ledger = new CreditLedger();
});

const open = (connection: number) =>
  ledger.noteViewer({
    type: "open",
    connection,
    terminal: 0,
    cols: 80,
    rows: 24,
    claimsSize: true,
    client: "c",
    instance: null,
    offset: null,
  });
const opened = (connection: number, offset = 0, instance = INSTANCE) =>
  ledger.judgeEvent({
    type: "opened",
    connection,
    terminal: 0,
    instance,
    offset,
    end: offset,
    received: 0,
    cols: 80,
    rows: 24,
  });
const ack = (connection: number, offset: number) => ledger.noteViewer({ type: "ack", connection, terminal: 0, offset });
const output = (connection: number, offset: number, bytes = FRAME) =>
  ledger.judgeOutput({ connection, terminal: 0, offset, payload: new Uint8Array(bytes) });

test("a window of output passes, one byte more is a violation, an ack lets more pass", () => {
  open(1);
  expect(opened(1)).toBe("forward");
  for (let offset = 0; offset < WINDOW; offset += FRAME) expect(output(0, offset)).toBe("forward");
  expect(output(0, WINDOW, 1)).toBe("violation");
  ack(1, FRAME);
  expect(output(0, WINDOW)).toBe("forward");
});

test("output for all may follow the most advanced viewer, even one that has just left", () => {
  open(1);
  open(2);
  opened(1);
  opened(2);
  for (let offset = 0; offset < WINDOW; offset += FRAME) output(0, offset);
  ack(2, WINDOW);
  ledger.noteViewer({ type: "detach", connection: 2 });
  expect(output(0, WINDOW)).toBe("forward");
  expect(output(1, WINDOW, 1)).toBe("violation");
});

test("an ack of what was never sent buys nothing", () => {
  open(1);
  opened(1);
  ack(1, 10 * WINDOW);
  expect(output(1, WINDOW)).toBe("violation");
});

test("an ack of what was never sent is passed on as one of what was", () => {
  open(1);
  opened(1);
  output(1, 0);
  expect(ack(1, 10 * WINDOW)).toMatchObject({ type: "ack", offset: FRAME });
});

test("an ack that the agent comes to after an open counts after its answer", () => {
  open(1);
  opened(1);
  output(1, 0);
  open(1);
  ack(1, FRAME);
  opened(1);
  for (let offset = 0; offset < WINDOW + FRAME; offset += FRAME) expect(output(1, offset)).toBe("forward");
  expect(output(1, WINDOW + FRAME, 1)).toBe("violation");
});

test("output that was sent is a violation when it is sent again", () => {
  open(1);
  opened(1);
  expect(output(0, 0)).toBe("forward");
  expect(output(0, 0)).toBe("violation");
  expect(output(1, 0)).toBe("violation");
  expect(output(1, FRAME)).toBe("forward");
  expect(output(1, FRAME)).toBe("violation");
});

test("one byte again, beyond the window too, tells a viewer that it is no longer live", () => {
  open(1);
  open(2);
  opened(1);
  opened(2);
  for (let offset = 0; offset < WINDOW; offset += FRAME) output(0, offset);
  ack(2, WINDOW);
  output(0, WINDOW);
  expect(output(1, WINDOW + FRAME - 2, 1)).toBe("forward");
  expect(output(1, WINDOW + FRAME - 1, 1)).toBe("violation");
  expect(output(1, WINDOW + FRAME - 2, 1)).toBe("violation");
});

test("what nobody waits for is dropped", () => {
  expect(output(0, 0)).toBe("drop");
  expect(output(5, 0)).toBe("drop");
  expect(opened(5)).toBe("drop");
  expect(ledger.judgeEvent({ type: "received", connection: 5, terminal: 0, offset: 1 })).toBe("drop");
});

test("an answer that nobody asked for is a violation", () => {
  open(1);
  expect(ledger.judgeEvent({ type: "received", connection: 1, terminal: 0, offset: 1 })).toBe("violation");
  expect(ledger.judgeEvent({ type: "truncated", connection: 1, terminal: 0, offset: 1 })).toBe("violation");
  expect(output(1, 0)).toBe("violation");
  expect(opened(1)).toBe("forward");
  expect(opened(1)).toBe("violation");
});

test("a viewer moved over lost output has what is under way still counted against it", () => {
  open(1);
  opened(1);
  for (let offset = 0; offset < WINDOW / 2; offset += FRAME) output(1, offset);
  expect(ledger.judgeEvent({ type: "truncated", connection: 1, terminal: 0, offset: 5 * WINDOW })).toBe("forward");
  let offset = 5 * WINDOW;
  for (; offset < 5.5 * WINDOW; offset += FRAME) expect(output(1, offset)).toBe("forward");
  expect(output(1, offset)).toBe("violation");
});

test("a new instance starts at nothing, for who opened it", () => {
  open(1);
  open(2);
  opened(1);
  opened(2);
  for (let offset = 0; offset < WINDOW; offset += FRAME) output(0, offset);
  ack(1, WINDOW);
  ack(2, WINDOW);
  open(1);
  expect(opened(1, 0, `t_${"b".repeat(26)}`)).toBe("forward");
  expect(output(0, WINDOW, 1)).toBe("violation");
  expect(output(2, 0)).toBe("drop");
});
