// A PTY without a program: a test prints on it and reads what was typed, and decides how much input it takes.

import type { Pty, PtyEvents } from "../../runner-host/agent/pty.ts";

export class ScriptedPty implements Pty {
  readonly #events: PtyEvents;
  isPaused = false;
  isHungUp = false;
  /** Whether a program that the shell started has the foreground. */
  isBusy = false;
  size: { cols: number; rows: number } | null = null;
  /** Bytes that the program takes before it stops reading. */
  room = Number.POSITIVE_INFINITY;
  #typed: Uint8Array[] = [];

  constructor(events: PtyEvents) {
    this.#events = events;
  }

  get typed(): Buffer {
    const typed = Buffer.concat(this.#typed);
    this.#typed = [typed];
    return typed;
  }

  print(bytes: Uint8Array | string): void {
    if (!this.isHungUp) this.#events.onOutput(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
  }

  end(exitCode: number): void {
    if (!this.isHungUp) this.#events.onEnd(exitCode);
  }

  write(bytes: Uint8Array): number {
    const taken = Uint8Array.from(bytes.subarray(0, Math.min(bytes.length, this.room)));
    this.room -= taken.length;
    if (taken.length > 0) this.#typed.push(taken);
    return taken.length;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  resize(cols: number, rows: number): void {
    this.size = { cols, rows };
  }

  hasForeground(): boolean {
    return !this.isBusy;
  }

  hangUp(): void {
    this.isHungUp = true;
  }
}
