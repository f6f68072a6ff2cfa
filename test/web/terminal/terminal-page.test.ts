// Shows what a program in the terminal may do to the page, which keys the page keeps, and what the terminal says about itself.

import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import { namePasteKey, readKeyCommand } from "../../../web/terminal/key-command.ts";
import { boundTitle, isOpenableLink, linkPattern } from "../../../web/terminal/page-safety.ts";
import { encodeSoftKey, withControl } from "../../../web/terminal/soft-key.ts";
import { describeExit, describeMissing, wrapWords } from "../../../web/terminal/terminal-sentences.ts";

describe("links", () => {
  it.each([
    ["https://docs.docker.com/", true],
    ["http://example.org:8080/a?b#c", true],
    ["javascript:alert(1)", false],
    ["data:text/html,hello", false],
    ["file:///etc/passwd", false],
    ["http://localhost:8000/", false],
    ["http://127.0.0.1/", false],
    ["http://app.localhost/", false],
    ["http://[::1]:8000/", false],
    ["not an address", false],
  ])("%s opens: %s", (address, isOpenable) => {
    expect(isOpenableLink(address)).toBe(isOpenable);
  });

  it.each([
    ["see https://docs.docker.com/build/.", "https://docs.docker.com/build/"],
    ["(http://example.org/a)", "http://example.org/a"],
    ["curl http://localhost:8000/health", null],
    ["ftp://example.org", null],
  ])("are found in %s", (text, link) => {
    expect(linkPattern.exec(text)?.[0] ?? null).toBe(link);
  });
});

describe("titles", () => {
  it("lose control and direction characters and are bounded", () => {
    expect(boundTitle("a\u0007b\u202ec\u001b[31m")).toBe("abc[31m");
    expect(boundTitle("x".repeat(10_000))).toHaveLength(limits.terminalTitleChars);
  });
});

describe("keys", () => {
  const key = (code: string, change: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {}) => ({
    code,
    ctrlKey: true,
    shiftKey: true,
    altKey: false,
    metaKey: false,
    ...change,
  });

  it.each([
    ["Ctrl+Shift+C over a selection copies", key("KeyC"), true, "copy"],
    ["Ctrl+Shift+C without a selection is the program's", key("KeyC"), false, null],
    ["Ctrl+C is the program's", key("KeyC", { shiftKey: false }), true, null],
    ["Ctrl+Shift+V pastes", key("KeyV"), false, "paste"],
    ["Ctrl+Shift+E leaves", key("KeyE"), false, "leave"],
    ["Ctrl+Shift+Alt+E is the program's", key("KeyE", { altKey: true }), false, null],
    ["Tab is the program's", key("Tab", { ctrlKey: false, shiftKey: false }), false, null],
  ] as const)("%s", (_, press, hasSelection, command) => {
    expect(readKeyCommand(press, hasSelection)).toBe(command);
  });
});

it.each([
  ["Mozilla/5.0 (X11; Linux x86_64)", "Ctrl+Shift+V"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "⌘V"],
])("on %s, %s pastes", (userAgent, key) => {
  expect(namePasteKey(userAgent)).toBe(key);
});

describe("keys of the row for touch screens", () => {
  it.each([
    ["escape", false, false, "\u001b"],
    ["tab", false, false, "\t"],
    ["interrupt", false, false, "\u0003"],
    ["up", false, false, "\u001b[A"],
    ["left", false, true, "\u001bOD"],
    ["right", true, true, "\u001b[1;5C"],
  ] as const)("%s with Ctrl %s, application mode %s", (key, hasControl, isApplication, sent) => {
    expect(encodeSoftKey(key, hasControl, isApplication)).toBe(sent);
  });

  it.each([
    ["c", "\u0003"],
    ["D", "\u0004"],
    ["[", "\u001b"],
    [" ", "\u0000"],
    ["é", "é"],
    ["pasted", "pasted"],
    ["\r", "\r"],
  ])("Ctrl and %j send %j", (text, sent) => {
    expect(withControl(text)).toBe(sent);
  });
});

describe("sentences", () => {
  it.each([
    [1, "--- 1 byte of earlier output is no longer kept ---"],
    [900, "--- 900 bytes of earlier output are no longer kept ---"],
    [64 * 1024, "--- 64 KiB of earlier output are no longer kept ---"],
    [3.5 * 1024 * 1024, "--- 3.5 MiB of earlier output are no longer kept ---"],
  ])("say that %i bytes are missing", (bytes, sentence) => {
    expect(describeMissing(bytes)).toBe(sentence);
  });

  it("are broken between words, and a word that does not fit stays whole", () => {
    expect(wrapWords("a shell that was here", 8)).toEqual(["a shell", "that was", "here"]);
    expect(wrapWords("unbreakable thing", 5)).toEqual(["unbreakable", "thing"]);
  });

  it("name an exit code that is not 0", () => {
    expect([describeExit(0), describeExit(137)]).toEqual(["Shell exited.", "Shell exited with code 137."]);
  });
});
