// Records the cases anew, each in a real PTY: `node test/web/prediction/record.ts [part of a name]`. Needs root, and the programs that the cases run.

import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { SeededRandom } from "../../support/seeded-random.ts";
import { type Case, cases, type Step } from "./cases/cases.ts";
import {
  type EventKind,
  formatRecording,
  readRecordings,
  type RecordedEvent,
  recordedInstance,
  type Recording,
} from "./recording.ts";

const SIDE_BY_SIDE = 6;
const ANSWER_DEADLINE_MS = 15_000;
const ECHO_DEADLINE_MS = 300;
/** Longer than the round trip that a replay injects: the learner reads before typing on. */
const THINK_MS = 450;
const systemStart = fileURLToPath(
  new URL("../../../runner-host/image/session/rootfs/etc/bash.bashrc", import.meta.url),
);
const prompt = String.raw`PS1='\[\e[1;32m\]learner@lab\[\e[0m\]:\[\e[1;34m\]/workspace\[\e[0m\]\$ '`;

class Recorder {
  readonly events: RecordedEvent[] = [];
  readonly #case: Case;
  readonly #random: SeededRandom;
  readonly #home: string;
  readonly #startedAt = performance.now();
  #output = "";
  #read = 0;

  constructor(recorded: Case) {
    this.#case = recorded;
    this.#random = new SeededRandom(
      Array.from(recorded.name).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7),
    );
    this.#home = mkdtempSync(join(tmpdir(), "berth-record-"));
  }

  async run(): Promise<void> {
    const { steps, cols = 80, rows = 24, setUp = "" } = this.#case;
    await chmod(this.#home, 0o777);
    await mkdir(join(this.#home, "docs"));
    for (const name of ["notes.txt", "docs/one.md", "docs/two.md", "Dockerfile"])
      writeFileSync(join(this.#home, name), Array.from({ length: 60 }, (_, line) => `${name} ${line + 1}\n`).join(""));
    writeFileSync(join(this.#home, "start"), `. ${systemStart}\n${prompt}\n${setUp}\n`);
    const shell = ["--noprofile", "--rcfile", "start", "-i"];
    const [file, args] =
      this.#case.asNobody === true ? ["runuser", ["-u", "nobody", "--", "bash", ...shell]] : ["bash", shell];
    const pty = spawn(file, args, {
      cols,
      rows,
      cwd: this.#home,
      encoding: null,
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        TERM: "xterm-256color",
        LANG: "C.UTF-8",
        HOME: this.#home,
        BERTH_TERMINAL: recordedInstance,
      },
    });
    pty.onData((chunk: string | Uint8Array) => {
      const bytes = Buffer.from(chunk);
      this.#note("out", bytes);
      this.#output += bytes.toString("latin1");
    });
    const exit = new Promise<void>((resolve) => pty.onExit(() => resolve()));
    try {
      await this.#waitFor("133;B");
      for (const step of steps) await this.#take(step, (text) => pty.write(text));
      await wait(THINK_MS);
    } finally {
      pty.kill("SIGKILL");
      await exit;
      rmSync(this.#home, { recursive: true, force: true });
    }
  }

  async #take(step: Step, write: (text: string) => void): Promise<void> {
    switch (step.do) {
      case "type": {
        let typed = 0;
        for (const letter of step.text) {
          await wait(this.#random.between(55, 125));
          typed += 1;
          const isLead = step.shows === "at-once" && typed <= (step.lead ?? 0);
          await this.#sendAndSee(isLead ? "key" : step.shows, letter, write);
        }
        break;
      }
      case "paste":
        await wait(this.#random.between(55, 125));
        await this.#sendAndSee(step.shows, step.text, write);
        break;
      case "wait":
        await this.#waitFor(step.for);
        break;
      case "pause":
        await wait(step.ms);
        break;
    }
  }

  #send(kind: EventKind, text: string, write: (text: string) => void): void {
    this.#note(kind, Buffer.from(text));
    write(text);
  }

  /** A busy machine must not make it look as if a key was answered late: the next one waits for the answer, if there is one. */
  async #sendAndSee(kind: EventKind, text: string, write: (text: string) => void): Promise<void> {
    const before = this.#output.length;
    this.#send(kind, text, write);
    if (kind !== "at-once") return;
    const deadline = performance.now() + ECHO_DEADLINE_MS;
    while (this.#output.length === before && performance.now() < deadline) await wait(2);
  }

  #note(kind: EventKind, bytes: Uint8Array): void {
    this.events.push({ atMs: performance.now() - this.#startedAt, kind, bytes: Uint8Array.from(bytes) });
  }

  async #waitFor(text: string): Promise<void> {
    const deadline = performance.now() + ANSWER_DEADLINE_MS;
    for (;;) {
      const found = this.#output.indexOf(text, this.#read);
      if (found >= 0) {
        this.#read = found + text.length;
        break;
      }
      if (performance.now() > deadline)
        throw new Error(`${this.#case.name}: no ${text} in ${JSON.stringify(this.#output.slice(this.#read))}`);
      await wait(10);
    }
    await wait(THINK_MS);
  }
}

const wanted = process.argv[2];
const chosen = cases.filter(({ name, group }) => wanted === undefined || `${group} ${name}`.includes(wanted));
const queue = [...chosen];
const recorded = new Map<string, Recording>();

async function recordNext(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, cols = 80, rows = 24 } = next;
    const recorder = new Recorder(next);
    try {
      await recorder.run();
      recorded.set(name, { name, cols, rows, events: recorder.events });
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

const kept = wanted === undefined ? [] : readRecordings();
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, recordNext));
const folder = fileURLToPath(new URL("recordings/", import.meta.url));
for (const group of new Set(chosen.map((each) => each.group))) {
  const lines = cases
    .filter((each) => each.group === group)
    .map(({ name }) => recorded.get(name) ?? kept.find((each) => each.name === name));
  writeFileSync(
    `${folder}${group}.jsonl`,
    lines.map((recording) => (recording === undefined ? "" : formatRecording(recording))).join(""),
  );
}
process.exit();
