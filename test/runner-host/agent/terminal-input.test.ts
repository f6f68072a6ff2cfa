// Input is taken once and in order, whatever is sent again, and told when it matters.

import { expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { RECEIPT_BYTES, RECEIPT_DELAY_MS, TerminalInput } from "../../../runner-host/agent/terminal-input.ts";

const everybody = () => true;
const nobody = () => false;

/** One terminal's input, with the present time and who is attached. */
class Typist {
  readonly input = new TerminalInput();
  nowMs = 0;
  isAttached: (client: string) => boolean = everybody;

  /** The offset of the receipt that could not wait, or null. */
  type(client: string, offset: number, bytes: string | Uint8Array): number | null {
    const input = { offset, bytes: Buffer.from(bytes) };
    return this.input.take(client, input, this.nowMs, this.isAttached)?.offset ?? null;
  }

  /** Offsets of the receipts that are due now. */
  told(): number[] {
    const { tellAtMs } = this.input;
    if (tellAtMs === null || tellAtMs > this.nowMs) return [];
    return this.input.takeReceipts().map(({ offset }) => offset);
  }

  taken(): string {
    let text = "";
    for (let next = this.input.next; next !== null; next = this.input.next) {
      text += Buffer.from(next).toString();
      this.input.consume(next.length);
    }
    return text;
  }
}

test("takes what is new and drops repeats", () => {
  const typist = new Typist();
  typist.type("a", 0, "hello");
  typist.type("a", 0, "hello");
  typist.type("a", 3, "lo you");
  expect(typist.taken()).toBe("hello you");
  expect(typist.input.attach("a")).toBe(9);
});

test("each client has its own offsets", () => {
  const typist = new Typist();
  typist.type("a", 0, "aa");
  typist.type("b", 0, "bbb");
  expect(["a", "b", "c"].map((client) => typist.input.attach(client))).toEqual([2, 3, 0]);
  expect(typist.taken()).toBe("aabbb");
});

test("keys are told together, a moment after the first of them", () => {
  const typist = new Typist();
  expect(typist.type("a", 0, "l")).toBeNull();
  typist.nowMs = RECEIPT_DELAY_MS - 1;
  expect(typist.type("a", 1, "s")).toBeNull();
  expect(typist.told()).toEqual([]);
  typist.nowMs = RECEIPT_DELAY_MS;
  expect(typist.told()).toEqual([2]);
  typist.nowMs *= 10;
  expect(typist.told()).toEqual([]);
});

test("a repeat of what was told is told no more", () => {
  const typist = new Typist();
  typist.type("a", 0, "ls");
  typist.nowMs = RECEIPT_DELAY_MS;
  typist.told();
  typist.type("a", 0, "ls");
  expect(typist.input.tellAtMs).toBeNull();
});

test("what an open was told is not told again", () => {
  const typist = new Typist();
  typist.type("a", 0, "ls");
  expect(typist.input.attach("a")).toBe(2);
  typist.nowMs = RECEIPT_DELAY_MS;
  expect(typist.told()).toEqual([]);
});

test("much is told at once", () => {
  const typist = new Typist();
  expect(typist.type("a", 0, Buffer.alloc(RECEIPT_BYTES - 1))).toBeNull();
  expect(typist.type("a", RECEIPT_BYTES - 1, "x")).toBe(RECEIPT_BYTES);
  typist.nowMs = RECEIPT_DELAY_MS;
  expect(typist.told()).toEqual([]);
});

test("a gap is refused, told once, and what ends it is told at once", () => {
  const typist = new Typist();
  typist.type("a", 0, "ab");
  expect(typist.type("a", 5, "x")).toBe(2);
  expect(typist.type("a", 6, "y")).toBeNull();
  expect(typist.type("a", 2, "cd")).toBe(4);
  expect(typist.taken()).toBe("abcd");
});

test("a PTY that does not read bounds what is taken; the client is told when there is room", () => {
  const typist = new Typist();
  const chunk = Buffer.alloc(100_000, "x");
  expect(typist.type("a", 0, chunk)).toBe(100_000);
  expect(typist.type("a", 100_000, chunk)).toBe(200_000);
  expect(typist.type("a", 200_000, chunk)).toBe(limits.pendingInputBytes);
  expect(typist.type("a", 300_000, chunk)).toBeNull();
  expect(typist.input.pendingBytes).toBe(limits.pendingInputBytes);
  typist.input.consume(100_000);
  expect(typist.input.releaseHeld()).toEqual([]);
  typist.input.consume(100_000);
  expect(typist.input.releaseHeld()).toEqual([{ client: "a", offset: limits.pendingInputBytes }]);
  expect(typist.input.releaseHeld()).toEqual([]);
});

test("remembers the last clients, and forgets those first that are not attached", () => {
  const typist = new Typist();
  typist.isAttached = nobody;
  for (let i = 0; i < limits.inputClientsPerTerminal; i++) typist.type(`c${i}`, 0, "x");
  typist.type("c0", 1, "x");
  typist.isAttached = (client) => client === "c1";
  typist.type("new", 0, "x");
  expect(["c0", "c1", "c2", "new"].map((client) => typist.input.attach(client))).toEqual([2, 1, 0, 1]);
});

test("never forgets a client that is attached, however many there are", () => {
  const typist = new Typist();
  for (let i = 0; i <= limits.inputClientsPerTerminal; i++) typist.type(`c${i}`, 0, "x");
  expect(typist.input.attach("c0")).toBe(1);
  typist.type("c0", 1, "y");
  expect(typist.input.attach("c0")).toBe(2);
});
