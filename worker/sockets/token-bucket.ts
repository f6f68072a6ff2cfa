// Bounds how often something may happen: so many at once, so many per second after that.

export class TokenBucket {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #filledAt: number;

  constructor({ burst, perSecond }: { burst: number; perSecond: number }, now: number) {
    this.#burst = burst;
    this.#perMs = perSecond / 1_000;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** False when there is not enough left: nothing is taken then. A clock that goes back earns nothing. */
  take(now: number, cost = 1): boolean {
    if (now !== this.#filledAt) {
      this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#filledAt) * this.#perMs);
      this.#filledAt = now;
    }
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** For what turned out to cost more: it has to be earned before anything else is taken. */
  charge(cost: number): void {
    this.#tokens -= cost;
  }
}
