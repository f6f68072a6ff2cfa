// Owns one session's rest: its container is stopped with its files kept, and starts again with the first thing that its session asks of it.

import type { SessionRequest } from "./data-link.ts";

/** What a rest asks for, one after another. */
export interface RestSteps {
  /** Written before anything is done about it: a daemon that comes back starts nothing that rests. */
  save(isResting: boolean): Promise<void>;
  stop(): Promise<void>;
  /** It rests, and nobody has asked for it meanwhile. */
  onRested(): void;
  start(): Promise<void>;
}

/** Acks, sizes and probes come by themselves, also from a tab that nobody looks at. */
export function isWakingUp(message: SessionRequest): boolean {
  return message.type === "open" || message.type === "lay";
}

export class SessionRest {
  readonly #steps: RestSteps;
  #isResting: boolean;
  #lying: Promise<void> = Promise.resolve();

  constructor(steps: RestSteps, isResting: boolean) {
    this.#steps = steps;
    this.#isResting = isResting;
  }

  get isResting(): boolean {
    return this.#isResting;
  }

  async begin(): Promise<void> {
    if (this.#isResting) return;
    this.#isResting = true;
    this.#lying = this.#lieDown();
    await this.#lying;
  }

  /** Nothing happens when it does not rest. */
  async end(): Promise<void> {
    if (!this.#isResting) return;
    this.#isResting = false;
    await this.settle();
    await this.#steps.save(false);
    await this.#steps.start();
  }

  /** Resolves when nothing is being stopped any more, whether it could be or not. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#lying]);
  }

  async #lieDown(): Promise<void> {
    await this.#steps.save(true);
    await this.#steps.stop();
    if (this.#isResting) this.#steps.onRested();
  }
}
