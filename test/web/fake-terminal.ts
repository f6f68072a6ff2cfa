// One terminal of the fake edge: a real shell with a replay buffer and input offsets, speaking the agent's half of the protocol.

import { Buffer } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import { type IPty, spawn } from "@lydell/node-pty";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import type { TerminalSummary } from "#wire/session.ts";
import type { BrowserMessage, EdgeMessage } from "#wire/terminal.ts";

export type Viewer = {
  send: (message: EdgeMessage) => void;
  sendOutput: (terminal: number, offset: number, payload: Uint8Array) => void;
};

type Open = Extract<BrowserMessage, { type: "open" }>;

export class FakeTerminal {
  readonly #number: number;
  readonly #cwd: string;
  readonly #changed: () => void;
  readonly #viewers = new Map<Viewer, string>();
  /** A character may arrive in two frames; the PTY takes whole ones only. */
  readonly #typed = new StringDecoder("utf8");
  #pty: IPty | null = null;
  #instance = "";
  #log = Buffer.alloc(0);
  #logStart = 0;
  #exitCode: number | null = null;
  #received = new Map<string, number>();

  /** `changed`: what the session lists of this terminal has changed. */
  constructor(terminal: number, cwd: string, changed: () => void) {
    this.#number = terminal;
    this.#cwd = cwd;
    this.#changed = changed;
  }

  get summary(): TerminalSummary[] {
    const [terminal, instance] = [this.#number, this.#instance];
    return instance === "" ? [] : [{ terminal, instance, exited: this.#exitCode !== null }];
  }

  get size(): { cols: number; rows: number } {
    return { cols: this.#pty?.cols ?? 0, rows: this.#pty?.rows ?? 0 };
  }

  open(viewer: Viewer, { client, cols, rows, claimsSize, instance, offset }: Open): void {
    const isNew = this.#instance === "";
    if (isNew) this.#start(cols, rows);
    else if (claimsSize) this.resize(cols, rows);
    this.#viewers.set(viewer, client);
    const wanted = instance === this.#instance && offset !== null ? offset : 0;
    const from = Math.max(wanted, this.#logStart);
    const end = this.#logStart + this.#log.length;
    const received = this.#received.get(client) ?? 0;
    viewer.send({
      type: "opened",
      terminal: this.#number,
      instance: this.#instance,
      epoch: 1,
      offset: from,
      end,
      received,
      ...this.size,
    });
    if (isNew) this.#changed();
    this.#sendFrom(viewer, from);
    if (this.#exitCode !== null) viewer.send({ type: "exited", terminal: this.#number, exitCode: this.#exitCode });
  }

  input(viewer: Viewer, offset: number, payload: Uint8Array): void {
    const client = this.#viewers.get(viewer);
    if (client === undefined || this.#pty === null || this.#exitCode !== null) return;
    const taken = this.#received.get(client) ?? 0;
    if (offset <= taken && offset + payload.length > taken) {
      this.#pty.write(this.#typed.write(Buffer.from(payload.subarray(taken - offset))));
      this.#received.set(client, offset + payload.length);
    }
    viewer.send({ type: "received", terminal: this.#number, offset: this.#received.get(client) ?? 0 });
  }

  resize(cols: number, rows: number): void {
    const pty = this.#pty;
    if (this.#exitCode !== null || pty === null || (pty.cols === cols && pty.rows === rows)) return;
    pty.resize(cols, rows);
    for (const viewer of this.#viewers.keys()) viewer.send({ type: "resized", terminal: this.#number, cols, rows });
  }

  detach(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /** As a viewer asks: another instance is left alone. */
  end(instance: string): void {
    if (instance !== this.#instance) return;
    this.close();
    this.#changed();
  }

  close(): void {
    const pty = this.#pty;
    this.#pty = null;
    this.#instance = "";
    this.#viewers.clear();
    pty?.kill("SIGKILL");
  }

  #start(cols: number, rows: number): void {
    this.#instance = newId("t");
    this.#log = Buffer.alloc(0);
    this.#logStart = 0;
    this.#exitCode = null;
    this.#received = new Map();
    const instance = this.#instance;
    const pty = spawn("/bin/bash", ["--norc", "--noprofile", "-i"], {
      cols,
      rows,
      cwd: this.#cwd,
      encoding: null,
      env: {
        PATH: "/usr/bin:/bin",
        TERM: "xterm-256color",
        HOME: this.#cwd,
        LANG: "C.UTF-8",
        BERTH_TERMINAL: instance,
        PS1: "\\[\\e[1;32m\\]learner@lab\\[\\e[0m\\]:\\[\\e[1;34m\\]/workspace\\[\\e[0m\\]$ ",
      },
    });
    this.#pty = pty;
    pty.onData((chunk: string | Uint8Array) => {
      if (this.#instance === instance) this.#record(Buffer.from(chunk));
    });
    pty.onExit(({ exitCode }) => {
      if (this.#instance !== instance) return;
      this.#exitCode = exitCode;
      for (const viewer of this.#viewers.keys()) viewer.send({ type: "exited", terminal: this.#number, exitCode });
      this.#changed();
    });
  }

  #record(chunk: Buffer): void {
    const from = this.#logStart + this.#log.length;
    this.#log = Buffer.concat([this.#log, chunk]);
    for (const viewer of this.#viewers.keys()) this.#sendFrom(viewer, from);
    const surplus = this.#log.length - limits.replayBufferBytes;
    if (surplus <= 0) return;
    this.#log = this.#log.subarray(surplus);
    this.#logStart += surplus;
  }

  #sendFrom(viewer: Viewer, from: number): void {
    const end = this.#logStart + this.#log.length;
    for (let at = from; at < end; at += limits.terminalFrameBytes) {
      viewer.sendOutput(
        this.#number,
        at,
        this.#log.subarray(
          at - this.#logStart,
          Math.min(at - this.#logStart + limits.terminalFrameBytes, this.#log.length),
        ),
      );
    }
  }
}
