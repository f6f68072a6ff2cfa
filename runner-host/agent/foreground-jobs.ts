// Owns what the daemon was told of foreground jobs: looks when it is asked and soon after input, and tells what has changed. It has no timer while nobody types.

import type { Clock } from "./clock.ts";

/** After a key: a command line that was entered has its program in the foreground by then. */
export const LOOK_AFTER_INPUT_MS = 250;

export interface ForegroundJobsOptions {
  clock: Clock;
  /** Whether a program other than the shell has the foreground of some terminal. */
  isBusy(): boolean;
  tell(isBusy: boolean): void;
}

export class ForegroundJobs {
  readonly #options: ForegroundJobsOptions;
  #told: boolean | null = null;
  #isLookDue = false;

  constructor(options: ForegroundJobsOptions) {
    this.#options = options;
  }

  /** A new connection: whoever is there has been told nothing. */
  greet(): void {
    this.#told = null;
    this.look();
  }

  look(): void {
    const isBusy = this.#options.isBusy();
    if (isBusy === this.#told) return;
    this.#told = isBusy;
    this.#options.tell(isBusy);
  }

  noteInput(): void {
    if (this.#isLookDue) return;
    this.#isLookDue = true;
    const { clock } = this.#options;
    clock.callAt(clock.nowMs() + LOOK_AFTER_INPUT_MS, () => {
      this.#isLookDue = false;
      this.look();
    });
  }
}
