// Runs bash with the image's start-up file: its marks stand around each prompt, number it, name the terminal, and survive what people do to prompts.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const startUp = fileURLToPath(new URL("../../../runner-host/image/session/rootfs/etc/bash.bashrc", import.meta.url));

const instance = "t_abcdefghijklmnopqrstuvwxyz";

/** What bash says, in which order, with the marks as words; readline's own marks around invisible text are gone. */
function run(...lines: string[]): string {
  return runIn({ BERTH_TERMINAL: instance }, ...lines).replaceAll(`;${instance}>`, ">");
}

function runIn(environment: Record<string, string>, ...lines: string[]): string {
  const bash = spawnSync("sh", ["-c", 'exec bash --noprofile --rcfile "$0" -i 2>&1', startUp], {
    input: ["PS1='$ '", ...lines, ""].join("\n"),
    env: { PATH: "/usr/bin:/bin", TERM: "dumb", LANG: "C.UTF-8", HOME: "/nonexistent", ...environment },
    encoding: "utf8",
  });
  // oxlint-disable-next-line no-control-regex
  return bash.stdout.replace(/\x1b\]133;([^\x07]*)\x07/g, "<$1>").replace(/[\x01\x02]/g, "");
}

it("stand around each prompt, which has a number of its own", () => {
  expect(run("true", "")).toContain("<D;0><A>$ <B;2>");
  expect(run("true", "")).toContain("<D;0><A>$ <B;3>");
});

it("tell what a command ended with, and leave it to the next one", () => {
  const said = run("(exit 3)", '(exit "$?")');
  expect(said.match(/<D;3>/g)).toHaveLength(2);
});

it("stand where a command starts, and around a prompt for the rest of a line", () => {
  expect(run("echo 'one", "two'")).toMatch(/<A>> <B;3>.*<C>/s);
});

it.each([
  ["PS1='> '", "<A>> <B;"],
  ['PS1="(venv) $PS1"', "(venv) <A>$ <B;"],
  ['PS1="$PS1% "', "<A>$ % <B;"],
  ["PROMPT_COMMAND='true'; PS1='x '", "<A>x <B;"],
  ["PS0='go '", "go <C>"],
  ["set -u", "<A>$ <B;"],
])("survive %s", (change, wants) => {
  expect(run(change, "true", "true")).toContain(wants);
});

it("name the terminal, each of them that opens or closes a line", () => {
  const said = runIn({ BERTH_TERMINAL: instance }, "true", "true");
  const marks = said.match(/<[ABC][^>]*>/g) ?? [];
  expect(new Set(marks.map((mark) => mark[1]))).toEqual(new Set(["A", "B", "C"]));
  for (const mark of marks) expect(mark).toMatch(new RegExp(`;${instance}>$`));
});

it.each([{}, { BERTH_TERMINAL: "" }, { BERTH_TERMINAL: "$(touch made)" }])(
  "are none in a terminal named %j",
  (names) => {
    const said = runIn(names, "echo fine", "");
    expect(said).toContain("fine");
    expect(said).not.toContain("<");
  },
);
