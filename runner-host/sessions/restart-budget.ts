// Decides whether a container that ended by itself is started again: a few times, then it is given up.

export const RESTARTS_MAX = 3;
export const RESTARTS_WITHIN_MS = 5 * 60_000;

export class RestartBudget {
  #startedAtMs: number[] = [];

  /** True when one more start is allowed; it is counted then. */
  take(nowMs: number): boolean {
    this.#startedAtMs = this.#startedAtMs.filter((atMs) => nowMs - atMs < RESTARTS_WITHIN_MS);
    if (this.#startedAtMs.length >= RESTARTS_MAX) return false;
    this.#startedAtMs.push(nowMs);
    return true;
  }
}
