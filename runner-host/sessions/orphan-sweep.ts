// Looks again and again for what is here of sessions that nobody holds, and has it reaped.

import type { ContainerEngine } from "../engine/container-engine.ts";

const SWEEP_EVERY_MS = 15_000;

export interface OrphanSweepOptions {
  readonly engine: ContainerEngine;
  readonly isHeld: (session: string) => boolean;
  /** Called for what was no one's when it was looked at; asks again whether it is still so. */
  readonly reap: (session: string) => void;
  readonly watchOver: (work: Promise<void>) => void;
}

export class OrphanSweep {
  readonly #options: OrphanSweepOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OrphanSweepOptions) {
    this.#options = options;
  }

  /** Sweeps now, and then from time to time. */
  start(): void {
    const sweep = (): void => this.#options.watchOver(this.#sweep());
    this.#timer = setInterval(sweep, SWEEP_EVERY_MS).unref();
    sweep();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #sweep(): Promise<void> {
    const { engine, isHeld, reap } = this.#options;
    await engine.sweep();
    for (const session of await engine.listTraces()) if (!isHeld(session)) reap(session);
  }
}
