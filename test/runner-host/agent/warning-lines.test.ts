// What a warning looks like, wherever the cursor stands.

import { describe, expect, it } from "vitest";
import { PROMPT_LINE_BYTES_MAX, warningLines } from "../../../runner-host/agent/warning-lines.ts";

const prompt = "\x1b]133;A;t\x07$ \x1b]133;B;1;t\x07";

describe("the lines of a warning", () => {
  it.each([
    ["below a prompt, which is drawn again", "out\r\n$ ", "\r\n\x1b[KBerth: Soon.\r\n$ "],
    ["below a command line under way", `a\r\n${prompt}ls -l`, `\r\n\x1b[KBerth: Soon.\r\n${prompt}ls -l`],
    ["from the mark of the prompt on", `]133;D;0\x07${prompt}`, `\r\n\x1b[KBerth: Soon.\r\n${prompt}`],
    ["without clearing the screen again", "x\r\n$ l\x1b[H\x1b[2J$ l", "\r\n\x1b[KBerth: Soon.\r\n$ l"],
    ["where the cursor is when its line is free", "out\r\n", "\r\x1b[KBerth: Soon.\r\n"],
    ["at the very beginning", "", "\r\n\x1b[KBerth: Soon.\r\n"],
    ["below a line too long to be repeated", "x".repeat(PROMPT_LINE_BYTES_MAX), "\r\n\x1b[KBerth: Soon.\r\n"],
  ])("stand %s", (_, tail, lines) => {
    expect(Buffer.from(warningLines("Soon.", Buffer.from(tail))).toString()).toBe(lines);
  });

  it("hold nothing that a terminal acts on but their own frame", () => {
    const [, text] = Buffer.from(warningLines("a\x1b[2J\r\n\x07\u009b1mü", Buffer.from("$ ")))
      .toString()
      .split("\x1b[K");
    expect(text).toBe("Berth: a[2J1mü\r\n$ ");
  });
});
