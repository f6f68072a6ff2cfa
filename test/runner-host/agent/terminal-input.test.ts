// Input is taken once and in order, whatever is sent again.

import { expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { TerminalInput } from "../../../runner-host/agent/terminal-input.ts";

const all = () => true;
const none = () => false;
const bytes = (text: string) => Buffer.from(text);

function takenBy(input: TerminalInput): string {
  let text = "";
  for (let next = input.next; next !== null; next = input.next) {
    text += Buffer.from(next).toString();
    input.consume(next.length);
  }
  return text;
}

test("takes what is new, drops repeats, and answers how far it is", () => {
  const input = new TerminalInput();
  expect(input.take("a", 0, bytes("hello"), all)).toBe(5);
  expect(input.take("a", 0, bytes("hello"), all)).toBe(5);
  expect(input.take("a", 3, bytes("lo you"), all)).toBe(9);
  expect(takenBy(input)).toBe("hello you");
});

test("each client has its own offsets", () => {
  const input = new TerminalInput();
  input.take("a", 0, bytes("aa"), all);
  input.take("b", 0, bytes("bbb"), all);
  expect([input.received("a"), input.received("b"), input.received("c")]).toEqual([2, 3, 0]);
  expect(takenBy(input)).toBe("aabbb");
});

test("a gap is refused, told once, and told again when the client may go on", () => {
  const input = new TerminalInput();
  input.take("a", 0, bytes("ab"), all);
  expect(input.take("a", 5, bytes("x"), all)).toBe(2);
  expect(input.take("a", 6, bytes("y"), all)).toBeNull();
  expect(input.take("a", 2, bytes("cd"), all)).toBe(4);
  expect(takenBy(input)).toBe("abcd");
});

test("a PTY that does not read bounds what is taken; the client is told when there is room", () => {
  const input = new TerminalInput();
  const chunk = Buffer.alloc(100_000, "x");
  expect(input.take("a", 0, chunk, all)).toBe(100_000);
  expect(input.take("a", 100_000, chunk, all)).toBe(200_000);
  expect(input.take("a", 200_000, chunk, all)).toBe(limits.pendingInputBytes);
  expect(input.take("a", 300_000, chunk, all)).toBeNull();
  expect(input.pendingBytes).toBe(limits.pendingInputBytes);
  input.consume(100_000);
  expect(input.releaseHeld()).toEqual([]);
  input.consume(100_000);
  expect(input.releaseHeld()).toEqual([{ client: "a", received: limits.pendingInputBytes }]);
  expect(input.releaseHeld()).toEqual([]);
});

test("remembers the last clients, and forgets those first that are not attached", () => {
  const input = new TerminalInput();
  for (let i = 0; i < limits.inputClientsPerTerminal; i++) input.take(`c${i}`, 0, bytes("x"), none);
  input.take("c0", 1, bytes("x"), none);
  input.take("new", 0, bytes("x"), (client) => client === "c1");
  expect([input.received("c0"), input.received("c1"), input.received("c2"), input.received("new")]).toEqual([
    2, 1, 0, 1,
  ]);
});

test("never forgets a client that is attached, however many there are", () => {
  const input = new TerminalInput();
  const everybody = () => true;
  for (let i = 0; i <= limits.inputClientsPerTerminal; i++) input.take(`c${i}`, 0, bytes("x"), everybody);
  expect(input.received("c0")).toBe(1);
  expect(input.take("c0", 1, bytes("y"), everybody)).toBe(2);
});
