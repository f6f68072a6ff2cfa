// Decides how long to wait before dialling the edge again: doubling, with full jitter, so that many hosts do not come back at once.

import { limits } from "#wire/limits.ts";

export class BackOff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The connection has proved good: the next cut is dialled again at once. */
  reset(): void {
    this.#failures = 0;
  }

  nextMs(): number {
    const ceilingMs = Math.min(limits.reconnectFirstMs * 2 ** this.#failures, limits.reconnectMaxMs);
    this.#failures = Math.min(this.#failures + 1, 16);
    return this.#random() * ceilingMs;
  }

  /** After a refusal that only a change at the other side can lift. */
  slowestMs(): number {
    return limits.reconnectMaxMs * (1 + this.#random());
  }
}
