// Serves calls for one name one after another, in the order in which they came; other names do not wait.

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether something runs or waits under this name. */
  isTaken(name: string): boolean {
    return this.#last.has(name);
  }

  /** Runs `work` when everything asked for earlier under `name` has ended, well or badly. */
  take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#last.set(name, turn);
    const forget = () => {
      if (this.#last.get(name) === turn) this.#last.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  }
}
