// How long nothing is predicted after wrong guesses, at the shell and in its programs apart.

import { predictionLimits } from "./prediction-limits.ts";

type Misses = { count: number; rightKeys: number; untilMs: number };

const none: Misses = { count: 0, rightKeys: 0, untilMs: Number.NEGATIVE_INFINITY };

export class MissPause {
  #atShell = none;
  #inPrograms = none;

  holds(isAtShell: boolean, nowMs: number): boolean {
    return nowMs < this.#read(isAtShell).untilMs;
  }

  missed(isAtShell: boolean, nowMs: number): void {
    const { pauseFirstMs, pauseMaxMs } = predictionLimits;
    const { count } = this.#read(isAtShell);
    const untilMs = nowMs + Math.min(pauseFirstMs * 2 ** count, pauseMaxMs);
    this.#keep(isAtShell, { count: count + 1, rightKeys: 0, untilMs });
  }

  wereRight(isAtShell: boolean, keys: number): void {
    const misses = this.#read(isAtShell);
    const rightKeys = misses.rightKeys + keys;
    const count = rightKeys >= predictionLimits.rightKeysToForgive ? 0 : misses.count;
    this.#keep(isAtShell, { ...misses, count, rightKeys });
  }

  #read(isAtShell: boolean): Misses {
    return isAtShell ? this.#atShell : this.#inPrograms;
  }

  #keep(isAtShell: boolean, misses: Misses): void {
    if (isAtShell) this.#atShell = misses;
    else this.#inPrograms = misses;
  }
}
