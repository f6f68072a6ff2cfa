// Shows that marks which are not the shell's own, or which more output follows, never make a secret show.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";
import { recordedInstance as instance } from "./recording.ts";
import { Seat } from "./replay.ts";

const utf8 = new TextEncoder();
const SECRET = "hunter2";
const begin = `\x1b]133;A;${instance}\x07`;
const end = (number: number) => `\x1b]133;B;${number};${instance}\x07`;
const prompt = (number: number) => `${begin}$ ${end(number)}`;
const start = `\r\n\x1b]133;C;${instance}\x07`;

let seat: Seat;
beforeEach(() => {
  seat = new Seat({ cols: 60, rows: 12 });
  seat.engine.roundTripMs = 150;
});
afterEach(() => seat.dispose());

const print = (text: string) => seat.draw(utf8.encode(text));
const shown = () => seat.engine.overlay.cells.map(({ text }) => text).join("");
const wait = (ms: number) => {
  seat.nowMs += ms;
  if ((seat.engine.deadlineMs ?? Number.POSITIVE_INFINITY) <= seat.nowMs) seat.engine.tick(seat.nowMs);
};

/** The most that was foretold at any key. */
function type(text: string): string {
  let most = "";
  for (const letter of text) {
    seat.nowMs += 60;
    seat.engine.typed(utf8.encode(letter), seat.nowMs);
    if (shown().length > most.length) most = shown();
  }
  return most;
}

async function enter(command: string): Promise<void> {
  await print(prompt(7));
  wait(1_000);
  expect(type(command)).not.toBe("");
  type("\r");
  await print(`${command}${start}`);
}

/** Each as chunks of output of a command, after which something reads a secret. */
const anyMarks = (mark: (content: string) => string): Record<string, string[]> => ({
  "a prompt's end behind Password:": [`Password: ${mark("B;8")}`],
  "a whole prompt without text behind Password:": [`Password: ${mark("A")}${mark("B;8")}`],
  "a prompt's end, Password: at once": [`${mark("B;8")}Password: `],
  "a prompt's end, Password: later": [mark("B;8"), "Password: "],
  "a prompt's end, Word: at once": [`${mark("B;8")}Word: `],
  "a prompt's end, Word: later": [mark("B;8"), "Word: "],
  "a marked line, Password: below at once": [`log ${mark("B;8")} line\r\nPassword: `],
  "a marked line, Password: below later": [`log ${mark("B;8")} line\r\n`, "Password: "],
  "a marked line, Word: below at once": [`log ${mark("B;8")} line\r\nWord: `],
  "a marked line and nothing more": [`log ${mark("B;8")} line\r\n`],
  "a prompt that says Password:": [`${mark("A")}Password: ${mark("B;8")}`],
  "a line that ends in a prompt's end, sudo's question later": [`log ${mark("B;8")}`, "[sudo] password for learner: "],
  "a prompt's end and a new line": [`x${mark("B;8")}\r\n`],
  "the old prompt's end, Password: at once": [`${mark("B;7")}Password: `],
});

/** Those after which nothing on the screen tells a prompt from a secret. */
const blindMarks = (mark: (content: string) => string): Record<string, string[]> => ({
  "a prompt's end": [mark("B")],
  "a numbered prompt's end": [mark("B;8")],
  "the old prompt's end": [mark("B;7")],
  "a whole prompt": [`${mark("A")}$ ${mark("B;8")}`],
  "a whole prompt behind a command's start": [`${mark("C")}${mark("A")}$ ${mark("B;8")}`],
});

const foreign = (content: string) => `\x1b]133;${content}\x07`;
const others = (content: string) => `\x1b]133;${content};t_abcdefghijklmnopqrstuvwxyz\x07`;
const own = (content: string) => `\x1b]133;${content};${instance}\x07`;

describe.each([
  ["without a terminal", { ...anyMarks(foreign), ...blindMarks(foreign) }],
  ["of another terminal", { ...anyMarks(others), ...blindMarks(others) }],
  ["of this very terminal", anyMarks(own)],
])("printed marks %s", (_, all) => {
  describe.each(Object.entries(all))("%s", (_name, chunks) => {
    it.each([20, 400, 2_000])("show no secret typed %i ms later", async (pauseMs) => {
      await enter("cat log; read -s x");
      for (const chunk of chunks) {
        await print(chunk);
        wait(10);
      }
      wait(pauseMs);
      expect(type(SECRET)).toBe("");
    });

    it("show no secret behind a Tab", async () => {
      await enter("cat log; read -s x");
      for (const chunk of chunks) await print(chunk);
      expect(type(`\t${SECRET}`)).toBe("");
      wait(700);
      expect(type(SECRET)).toBe("");
    });
  });
});

it.each(seedsFor(3))("printed marks cut anywhere show no secret (seed %i)", async (seed) => {
  const random = new SeededRandom(seed);
  for (const all of [{ ...anyMarks(foreign), ...blindMarks(foreign) }, blindMarks(others), anyMarks(own)]) {
    for (const [name, chunks] of Object.entries(all)) {
      seat.dispose();
      seat = new Seat({ cols: random.between(20, 80), rows: 12 });
      seat.engine.roundTripMs = random.between(31, 1_500);
      await enter("cat log");
      const bytes = utf8.encode(chunks.join(""));
      for (let from = 0, to = 0; from < bytes.length; from = to) {
        to = from + random.between(1, bytes.length);
        await seat.draw(bytes.subarray(from, to));
        wait(random.between(0, 30));
      }
      wait(random.between(0, 3_000));
      expect({ name, shown: type(SECRET) }).toEqual({ name, shown: "" });
    }
  }
});

it("marks without this terminal do not count typed lines as read", async () => {
  await print(prompt(1));
  wait(1_000);
  type("cat log\rsleep 1\rread -s x\r");
  await print(`cat log${start}${foreign("C")}${foreign("B;5")}${foreign("B;6")}\r\n${prompt(2)}`);
  expect(type(SECRET)).toBe("");
});

it("the shell's own prompt behind a silent secret's question is foretold", async () => {
  await enter("read -s -p 'Password: ' x");
  await print("Password: ");
  wait(400);
  expect(type(`${SECRET}\r`)).toBe("");
  await print(prompt(8));
  wait(1_000);
  expect(type("ls")).toBe("ls");
});

it("a prompt that is drawn again with its line is foretold on", async () => {
  await print(prompt(7));
  wait(1_000);
  type("cat docs/");
  await print("cat docs/");
  type("\t\t");
  await print(`\r\none.md two.md\r\n${prompt(7)}cat docs/`);
  wait(700);
  expect(type("one")).toBe("one");
});

describe("in output from before the page came", () => {
  const replay = async (...chunks: string[]) => {
    seat.isReplaying = true;
    for (const chunk of chunks) await print(chunk);
    seat.isReplaying = false;
  };

  it("a prompt that is its last word is foretold behind once it stands", async () => {
    await replay(`${prompt(1)}ls${start}file\r\n${prompt(2)}`);
    wait(1_000);
    expect(type("ls")).toBe("ls");
  });

  it("a prompt is not foretold behind while more may come", async () => {
    await replay(`${prompt(1)}ls${start}file\r\n${prompt(2)}`);
    expect(type(SECRET.slice(0, 3))).toBe("");
    await replay(`read -s x${start}`);
    expect(type(SECRET.slice(3))).toBe("");
    wait(2_000);
    expect(type(SECRET)).toBe("");
  });

  it("a line half typed is foretold on once its echo has shown it", async () => {
    await replay(`${prompt(1)}ls${start}file\r\n${prompt(2)}cat no`);
    wait(1_000);
    expect(type("te")).toBe("");
    await print("te");
    expect(type("s.txt")).toBe("s.txt");
  });

  it.each([
    ["in one part", [`${prompt(1)}ls${start}file\r\n${prompt(2)}read -s x${start}`]],
    ["parted behind the prompt", [`${prompt(1)}ls${start}file\r\n${prompt(2)}`, `read -s x${start}`]],
    ["parted in the command", [`${prompt(2)}read`, ` -s x${start}`]],
    ["with its question", [`${prompt(2)}read -s -p 'Word: ' x${start}Word: `]],
  ])("a secret that is asked for is never foretold, %s", async (_, chunks) => {
    await replay(...chunks);
    for (const pauseMs of [20, 400, 2_000]) {
      wait(pauseMs);
      expect(type(SECRET)).toBe("");
    }
  });
});
