// Whose turn it is to write: one stream at a time, the others wait in line for a bounded while. It knows no SQL.

/** Sets a one-time timer and returns how to cancel it. */
export type SetTimer = (run: () => void, delayMs: number) => () => void;

interface Waiter {
  readonly owner: object;
  readonly settle: (isTaken: boolean) => void;
}

export class WriteTurn {
  readonly #setTimer: SetTimer;
  readonly #line: Waiter[] = [];
  #owner: object | null = null;
  #generation = 0;
  #isClosed = false;

  constructor(setTimer: SetTimer) {
    this.#setTimer = setTimer;
  }

  /** Rises whenever a turn ends: what was read under an older number may have changed since. */
  get generation(): number {
    return this.#generation;
  }

  isHeldBy(owner: object): boolean {
    return this.#owner === owner;
  }

  /** Resolves to true when the turn is `owner`'s, or to false when it did not come within `waitMs`. */
  async take(owner: object, waitMs: number): Promise<boolean> {
    if (this.#owner === null || this.#owner === owner) {
      this.#owner = owner;
      return true;
    }
    if (this.#isClosed) return false;
    return await new Promise<boolean>((resolve) => {
      const waiter: Waiter = {
        owner,
        settle: (isTaken) => {
          cancel();
          this.#line.splice(this.#line.indexOf(waiter), 1);
          resolve(isTaken);
        },
      };
      const cancel = this.#setTimer(() => waiter.settle(false), waitMs);
      this.#line.push(waiter);
    });
  }

  /** Ends `owner`'s turn, if it has it, and hands it to the first in line. */
  release(owner: object): void {
    if (this.#owner !== owner) return;
    this.#generation += 1;
    const next = this.#line[0];
    this.#owner = next?.owner ?? null;
    next?.settle(true);
  }

  /** Tells everybody in line that their turn will not come; from now on nobody waits. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of [...this.#line]) waiter.settle(false);
  }
}
