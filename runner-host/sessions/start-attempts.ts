// Decides when a container that did not start is tried again: after growing pauses, until its time is up.

/** The engine may be starting itself, which takes seconds: asked often at first, and never so rarely that the learner waits for the asking. */
const PAUSE_FIRST_MS = 300;
const PAUSE_MAX_MS = 3_000;

export class StartAttempts {
  readonly #endsAtMs: number;
  #pauseMs = PAUSE_FIRST_MS;

  /** `fromMs`: when the container was asked for, or ended. */
  constructor(fromMs: number, withinMs: number) {
    this.#endsAtMs = fromMs + withinMs;
  }

  /** How long to wait before the next attempt; null when there is none. */
  nextPauseMs(nowMs: number): number | null {
    const leftMs = this.#endsAtMs - nowMs;
    if (leftMs <= 0) return null;
    const pauseMs = Math.min(this.#pauseMs, leftMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MAX_MS);
    return pauseMs;
  }
}
