// Looks whether one session has taken what all sessions of the machine share, and has its container started again.

import type { Logger } from "pino";
import type { ContainerEngine } from "../engine/container-engine.ts";

export interface HoggingSession {
  /** Starts its container again, and says why. */
  takeBack(): void;
}

export interface HogWatchOptions {
  engine: Pick<ContainerEngine, "shared" | "listContainers">;
  lookEveryMs: number;
  log: Logger;
  find(session: string): HoggingSession | undefined;
}

export class HogWatch {
  readonly #options: HogWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(options: HogWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), options.lookEveryMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { engine, log, find } = this.#options;
    try {
      const hog = await engine.shared.findTerminalHog();
      if (hog === null) return;
      const container = (await engine.listContainers()).find(({ containerId }) => containerId === hog);
      log.warn({ container }, "a session has taken most of the machine's pseudo-terminals");
      if (container !== undefined) find(container.session)?.takeBack();
    } catch (error) {
      log.error({ reason: error instanceof Error ? error.message : String(error) }, "hogs could not be looked for");
    } finally {
      this.#isLooking = false;
    }
  }
}
