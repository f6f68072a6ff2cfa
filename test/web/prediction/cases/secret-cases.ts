// Recorded secrets: passwords at every kind of prompt, also typed too early.

import { type Case, blurt, enter, pause, press, prompt, run, secret, start, type, until } from "./steps.ts";

const secretCase = (name: string, steps: Case["steps"], change: Partial<Case> = {}): Case => ({
  group: "secrets",
  name,
  steps: [...steps, pause(300), ...run("echo done")],
  ...change,
});

/** Letters that nothing else in a recording has: wherever one is foretold, a secret was. */
const word = secret("ξψωλφ θδπ");
const echoOff = "stty -echo; printf 'ada@host password: '; read x; stty echo; echo";
const mask =
  "python3 -c \"import sys,tty,termios; old=termios.tcgetattr(0); tty.setcbreak(0); sys.stdout.write('Password: '); sys.stdout.flush(); [(sys.stdout.write('*'), sys.stdout.flush()) for _ in iter(lambda: sys.stdin.read(1), chr(10))]; termios.tcsetattr(0, 0, old)\"";

export const secretCases: Case[] = [
  secretCase("read -s", [...start("read -s x", null), word, enter, prompt]),
  secretCase("read -s with a prompt", [...start("read -r -s -p 'Password: ' x", "Password: "), word, enter, prompt]),
  secretCase("read -s after a question that echoes", [
    ...start("read -p 'User: ' u; read -s -p 'Password: ' x", "User: "),
    press("ada lovelace"),
    enter,
    until("Password: "),
    word,
    enter,
    prompt,
  ]),
  secretCase(
    "sudo",
    [...start("sudo -k ls", "assword"), word, enter, until("assword"), secret("θδωξψ"), press("\x03"), prompt],
    { asNobody: true },
  ),
  secretCase("su", [...start("su root", "assword"), word, enter, prompt], { asNobody: true }),
  secretCase("passwd", [...start("passwd", "assword"), word, enter, prompt], { asNobody: true }),
  secretCase("getpass of python", [
    ...start("python3 -c 'import getpass; getpass.getpass()'", "assword"),
    word,
    enter,
    prompt,
  ]),
  secretCase("getpass inside python's prompt", [
    ...start("python3 -q", ">>> "),
    press("from getpass import getpass; x = getpass()"),
    enter,
    until("assword"),
    word,
    enter,
    until(">>> "),
    press("\x04"),
    prompt,
  ]),
  secretCase("echo switched off by sh", [...start(`sh -c "${echoOff}"`, "password: "), word, enter, prompt]),
  secretCase("echo switched off in a shell without marks", [
    ...start("bash --norc", "# "),
    press("read -s x"),
    enter,
    pause(600),
    word,
    enter,
    until("# "),
    press("\x04"),
    prompt,
  ]),
  secretCase("echo switched off at a marked prompt", [
    ...run("echo before"),
    ...start("stty -echo; cat; stty echo", null),
    word,
    enter,
    secret("ωξψ λφ"),
    press("\r\x04"),
    prompt,
  ]),
  secretCase("ssh-keygen", [
    ...start("ssh-keygen -q -t ed25519 -f made", "passphrase"),
    word,
    enter,
    until("again"),
    word,
    enter,
    prompt,
  ]),
  secretCase("openssl", [
    ...start("openssl genrsa -aes256 -out made 1024", "phrase"),
    word,
    enter,
    until("hrase"),
    word,
    enter,
    prompt,
  ]),
  secretCase("docker login", [
    ...start("docker login localhost:1", "name: "),
    press("ada"),
    enter,
    until("assword"),
    word,
    press("\x03"),
    prompt,
  ]),
  secretCase("a mask of stars", [...start(mask, "Password: "), secret("**ξ*ψωλ φθδ"), press("\n"), prompt]),
  secretCase("typed before the prompt of the password", [
    ...start("sleep 0.8; read -s -p 'Password: ' x", null),
    secret("ξψωλφ"),
    until("Password: "),
    secret(" θδπ"),
    enter,
    prompt,
  ]),
  secretCase("typed right behind the command", [type("read -s x"), enter, secret("ξψωλφ θδπ"), enter, prompt]),
  secretCase(
    "typed behind two commands at once",
    [type("sleep 1"), enter, blurt("sudo -k ls\r"), secret("ξψωλφθδπ"), until("assword"), press("\x03"), pause(600)],
    {
      asNobody: true,
    },
  ),
  secretCase("behind a completion that lists", [
    type("ls docs/"),
    press("\t\t"),
    press("one.md; read -s x\r"),
    secret("ξψωλφ θδπ"),
    enter,
    prompt,
  ]),
  secretCase("given up and flushed", [...start("sudo -k ls", "assword"), secret("ξψωλφ"), press("\x03"), prompt], {
    asNobody: true,
  }),
  secretCase("echo off in a loop that asks line by line", [
    ...start("while read -r -p 'Name: ' n && [ -n \"$n\" ]; do read -s -p 'Secret: ' s; echo; done", "Name: "),
    press("grace hopper"),
    enter,
    until("Secret: "),
    word,
    enter,
    until("Name: "),
    press("\x03"),
    prompt,
  ]),
];
