// Shows when prediction keeps silent, takes back what it foretold, and begins anew.

import { afterEach, beforeEach, expect, it } from "vitest";
import { predictionLimits } from "../../../web/prediction/prediction-limits.ts";
import { readPromptMark } from "../../../web/prediction/prompt-marks.ts";
import { readKeys } from "../../../web/prediction/typed-keys.ts";
import { recordedInstance as instance } from "./recording.ts";
import { Seat } from "./replay.ts";

const utf8 = new TextEncoder();
const prompt = (number: number) => `\x1b]133;A;${instance}\x07$ \x1b]133;B;${number};${instance}\x07`;
const command = `\r\n\x1b]133;C;${instance}\x07`;

let seat: Seat;
beforeEach(() => {
  seat = new Seat({ cols: 40, rows: 10 });
  seat.engine.roundTripMs = 150;
});
afterEach(() => seat.dispose());

const type = (text: string) => {
  for (const letter of text) {
    seat.nowMs += 10;
    seat.engine.typed(utf8.encode(letter), seat.nowMs);
  }
};
const print = (text: string) => seat.draw(utf8.encode(text));
const shown = () => seat.engine.overlay.cells.map(({ text }) => text).join("");
const wait = (ms: number) => {
  seat.nowMs += ms;
  if ((seat.engine.deadlineMs ?? Number.POSITIVE_INFINITY) <= seat.nowMs) seat.engine.tick(seat.nowMs);
};

it("a prompt's line is foretold and each echo takes its part away", async () => {
  await print(prompt(1));
  type("ls");
  expect(shown()).toBe("ls");
  await print("l");
  expect(shown()).toBe("s");
  await print("s");
  expect(shown()).toBe("");
});

it("nothing is foretold before any prompt or echo", async () => {
  await print("welcome to the lab ");
  type("abc");
  expect(shown()).toBe("");
});

it("a wrong guess goes at once, and guessing pauses longer each time", async () => {
  await print(prompt(1));
  type("ab");
  await print("X");
  expect(shown()).toBe("");
  wait(predictionLimits.pauseFirstMs / 2);
  await print(`\r\n${prompt(2)}`);
  type("cd");
  expect(shown()).toBe("");
  wait(predictionLimits.pauseFirstMs);
  await print(`cd${command}${prompt(3)}`);
  type("ef");
  expect(shown()).toBe("ef");
  await print("YZ");
  wait(predictionLimits.pauseFirstMs + 100);
  await print(`\r\n${prompt(4)}`);
  type("gh");
  expect(shown()).toBe("");
});

it("what is not answered for some round trips is taken back", async () => {
  await print(prompt(1));
  type("ls");
  wait(3 * 150 + predictionLimits.unansweredExtraMs);
  expect(shown()).toBe("");
});

it("keys that undo one another are answered when the screen shows their end", async () => {
  await print(prompt(1));
  type("a\x7f");
  await print("a\b \b");
  wait(10_000);
  type("b");
  expect(shown()).toBe("b");
});

it("nothing is foretold on the alternate screen or with application keys, nor right after", async () => {
  await print(prompt(1));
  await print("\x1b[?1049h");
  type("ab");
  expect(shown()).toBe("");
  await print("\x1b[?1049l\x1b[?1h");
  type("ab");
  expect(shown()).toBe("");
  await print("\x1b[?1l");
  type("ab");
  expect(shown()).toBe("");
});

it("what another tab types at the prompt ends foretelling on its line", async () => {
  await print(prompt(1));
  await print("sudo x");
  type("ab");
  expect(shown()).toBe("");
  await print(`${command}Name: \r\n${prompt(2)}`);
  wait(1_000);
  type("ls");
  expect(shown()).toBe("ls");
});

it("after a line typed ahead, a prompt is trusted only once the shell has echoed or it has stood", async () => {
  await print(prompt(1));
  type("ls\rsudo x\r");
  await print(`ls${command}file\r\n${prompt(2)}`);
  type("secret");
  expect(shown()).toBe("");
  await print(`sudo x${command}Password: `);
  type("word");
  expect(shown()).toBe("");
  type("\r");
  await print(`\r\n${prompt(3)}`);
  wait(1_000);
  type("ls");
  expect(shown()).toBe("ls");
});

it("an echo proves that what was typed before it was read, not what was typed since", async () => {
  type("x\r");
  await print(prompt(1));
  type("ls\rsudo x\r");
  await print("ls");
  await print(`${command}file\r\n${prompt(2)}`);
  type("secret");
  expect(shown()).toBe("");
});

it("a prompt does not stand once Enter was typed behind it", async () => {
  await print(prompt(1));
  type("ls\rsudo x\r");
  wait(5_000);
  type("y");
  await print(`ls${command}file\r\n${prompt(2)}`);
  type("secret");
  expect(shown()).toBe("");
});

it("a program's line is foretold after two different characters of it were echoed, behind a prompt only", async () => {
  await print(`${prompt(1)}python3${command}>>> `);
  type("aab");
  await print("aa");
  expect(shown()).toBe("");
  await print("b");
  type("cd");
  expect(shown()).toBe("cd");
  type("\r");
  await print("cd\r\nworking ");
  wait(500);
  type("efg");
  await print("ef");
  expect(shown()).toBe("");
});

it("a prompt that asks for a secret is never followed by a guess, even where it echoes", async () => {
  await print(`${prompt(1)}login${command}Password: `);
  type("abc");
  await print("ab");
  expect(shown()).toBe("");
});

it("a paste is foretold up to a bound", async () => {
  await print(prompt(1));
  const bytes = utf8.encode("x".repeat(predictionLimits.keysAhead + 50));
  seat.engine.typed(bytes, seat.nowMs);
  expect(shown().length).toBeLessThanOrEqual(predictionLimits.keysAhead);
});

it("another size and another shell take everything back", async () => {
  await print(prompt(1));
  type("ls");
  seat.engine.forget();
  expect(shown()).toBe("");
  await print(`\r\n${prompt(2)}`);
  type("ls");
  seat.engine.restart();
  expect(shown()).toBe("");
});

it.each([
  [`A;${instance}`, { type: "begins" }],
  [`B;12;${instance}`, { type: "ends", prompt: "12" }],
  [`C;${instance}`, { type: "starts" }],
  [`A;k=s;${instance}`, null],
  [`B;${instance}`, null],
  [`B;1;2;${instance}`, null],
  [`B;x;${instance}`, null],
  [`D;0;${instance}`, null],
  [`P;${instance}`, null],
  [instance, null],
  ["A", null],
  ["B;12", null],
  ["B;12;", null],
  ["B;12;t_abcdefghijklmnopqrstuvwxyz", null],
  ["", null],
])("the mark %j is read", (content, mark) => {
  expect(readPromptMark(content, instance)).toEqual(mark);
});

it("no mark is read while the terminal's instance is not known", () => {
  expect(readPromptMark("A;", null)).toBeNull();
  expect(readPromptMark(`A;${instance}`, null)).toBeNull();
});

it.each([
  ["aé ", ["print", "print", "print"]],
  ["\x7f\x01\x05\x15", ["erase", "home", "end", "discard"]],
  ["\x1b[D\x1b[C\x1b[A", ["left", "right", "recall"]],
  ["\r\n\x04", ["enter", "enter", "enter"]],
  ["日\u0301👍", ["recall", "recall", "recall"]],
  ["\x12\x1b\x1bOA\x1b[200~\x16", ["other", "other", "other", "other", "other"]],
])("the keys of %j are read", (typed, types) => {
  expect(readKeys(typed).map(({ type }) => type)).toEqual(types);
});
