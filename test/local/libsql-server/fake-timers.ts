// Timers that fire when the test says so.

import type { SetTimer } from "../../../local/libsql-server/write-turn.ts";

export class FakeTimers {
  #nowMs = 0;
  readonly #due = new Set<{ atMs: number; run: () => void }>();

  readonly set: SetTimer = (run, delayMs) => {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#due.add(timer);
    return () => this.#due.delete(timer);
  };

  get pending(): number {
    return this.#due.size;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    for (const timer of [...this.#due]) {
      if (timer.atMs > this.#nowMs) continue;
      this.#due.delete(timer);
      timer.run();
    }
  }
}
