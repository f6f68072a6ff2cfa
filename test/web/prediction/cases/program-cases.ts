// Recorded work in programs: those that echo lines, and those that take the screen.

import { answer, blurt, type Case, enter, key, pause, press, prompt, run, start, strike, until } from "./steps.ts";

const program = (name: string, steps: Case["steps"], change: Partial<Case> = {}): Case => ({
  group: "programs",
  name,
  steps: [...steps, ...run("echo done")],
  ...change,
});

const line = (text: string, said: string, lead = 5): Case["steps"] => [answer(text, lead), enter, until(said)];
const leave = [press(key.endOfFile), prompt, pause(300)];
const pythonPrompt = ">>> ";
const nodePrompt = "> ";

const echoing: Case[] = [
  program("calculates in python", [
    ...start("python3 -q", pythonPrompt),
    ...line("1234567 * 7654321", pythonPrompt),
    ...leave,
  ]),
  program("defines a function in python", [
    ...start("python3 -q", pythonPrompt),
    ...line("def double(number):", "... "),
    ...line("    return 2 * number", "... ", 12),
    enter,
    until(pythonPrompt),
    ...line("double(number=21)", pythonPrompt),
    ...leave,
  ]),
  program("mends a mistake in python", [
    ...start("python3 -q", pythonPrompt),
    answer("print('helol"),
    ...strike(key.erase, 2),
    answer("lo')", 0),
    enter,
    until(pythonPrompt),
    ...leave,
  ]),
  program("moves in python's line", [
    ...start("python3 -q", pythonPrompt),
    answer("print('hello')"),
    ...strike(key.left, 2, "key"),
    press(" you"),
    enter,
    until(pythonPrompt),
    ...leave,
  ]),
  program("answers python's input", [
    ...start("python3 -c \"print('Hi', input('Your name: '))\"", "name: "),
    answer("ada lovelace"),
    enter,
    prompt,
    pause(300),
  ]),
  program("calculates in node", [
    ...start("node", nodePrompt),
    press("[1, 2, 3].map(String)"),
    enter,
    until(nodePrompt),
    ...leave,
  ]),
  program("types two lines into cat", [
    ...start("cat", null),
    press("a first line"),
    enter,
    pause(500),
    answer("second of the lines"),
    enter,
    pause(500),
    press(key.endOfFile),
    prompt,
    pause(300),
  ]),
  program("edits with ed", [
    ...start("ed -p '* ' notes.txt", "* "),
    press("1,3p"),
    enter,
    until("* "),
    press("q"),
    enter,
    prompt,
    pause(300),
  ]),
  program("asks a database", [
    ...start("sqlite3 made.db", "sqlite> "),
    ...line("create table pupils(name text);", "sqlite> "),
    ...line("select count(*) from pupils;", "sqlite> "),
    ...leave,
  ]),
  program("works in a shell without marks", [
    ...start("bash --norc", "# "),
    ...line("echo inner shell", "# "),
    ...line("printf '%s\\n' more", "# "),
    ...leave,
  ]),
  program("works in a plain sh", [...start("sh", "# "), ...line("echo inner sh", "# "), ...leave]),
  program("answers a question", [
    ...start("read -r -p 'Continue? [y/n] ' reply", "[y/n] "),
    press("yes"),
    enter,
    prompt,
    pause(300),
  ]),
  program("is masked by stars", [
    ...start("python3 -q", pythonPrompt),
    blurt("print('*' * 9)\r"),
    until(pythonPrompt),
    ...leave,
  ]),
];

const never = (text: string) => ({ do: "type" as const, text, shows: "never" as const });

const screen = (name: string, steps: Case["steps"]): Case => ({
  group: "full-screen",
  name,
  steps: [...steps, ...run("echo done")],
});

const fullScreen: Case[] = [
  screen("writes in vim", [
    ...start("vim notes.txt", "notes"),
    pause(900),
    never("ihello from vim\x1b"),
    pause(1_200),
    never(":q!\r"),
    prompt,
  ]),
  screen("writes in vi with moves", [
    ...start("vi -u NONE notes.txt", "notes"),
    pause(900),
    never("Oone two\x1b"),
    pause(1_200),
    never("0dwx:q!\r"),
    prompt,
  ]),
  screen("searches in vim", [
    ...start("vim notes.txt", "notes"),
    pause(900),
    never("/txt 50\r"),
    pause(500),
    never(":q\r"),
    prompt,
  ]),
  screen("writes in nano", [
    ...start("nano notes.txt", "notes"),
    pause(900),
    never("hello nano"),
    never("\x18"),
    pause(500),
    never("n"),
    prompt,
  ]),
  screen("reads in less", [
    ...start("less notes.txt", "notes"),
    pause(500),
    never("jjk/txt 40\r"),
    pause(500),
    never("q"),
    prompt,
  ]),
  screen("reads in less without the alternate screen", [
    ...start("less -X notes.txt", "notes"),
    pause(500),
    never("jj/txt 40\r"),
    pause(500),
    never("q"),
    prompt,
  ]),
  screen("watches top", [...start("top -d 1", "Tasks"), pause(700), never("hq"), pause(500), never("q"), prompt]),
  screen("reads git's log", [
    ...run("git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one"),
    ...start("git -c core.pager='less -+F' log", "commit"),
    pause(500),
    never("jjq"),
    prompt,
  ]),
];

export const programCases: Case[] = [...echoing, ...fullScreen];
