// How long nothing is predicted after wrong guesses.

import { predictionLimits } from "./prediction-limits.ts";

export class MissPause {
  #misses = 0;
  #right = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  holds(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  missed(nowMs: number): void {
    const { pauseFirstMs, pauseMaxMs } = predictionLimits;
    this.#untilMs = nowMs + Math.min(pauseFirstMs * 2 ** this.#misses, pauseMaxMs);
    this.#misses += 1;
    this.#right = 0;
  }

  wereRight(keys: number): void {
    this.#right += keys;
    if (this.#right >= predictionLimits.rightKeysToForgive) this.#misses = 0;
  }
}
