// Keeps the private engine alive: revives it when it, or its containerd, ends or answers no more. Its containers notice nothing.

import type { Logger } from "pino";
import { Docker } from "./docker.ts";
import { type RunningEngine, startEngine } from "./engine.ts";
import { signalProcess } from "./processes.ts";

/** Two small files of /proc are read each time. */
const LOOK_EVERY_MS = 400;
const ASK_EVERY_MS = 5_000;
/** A machine under load answers late; one that is stuck never does. */
const SILENCE_MS = 60_000;

export class EngineKeeper {
  readonly #directory: string;
  readonly #log: Logger;
  readonly #timers: NodeJS.Timeout[];
  #engine: RunningEngine;
  #looking: Promise<void> | null = null;
  #isAsking = false;
  #answeredAtMs = performance.now();

  constructor(directory: string, engine: RunningEngine, log: Logger) {
    this.#directory = directory;
    this.#engine = engine;
    this.#log = log;
    this.#timers = [
      setInterval(() => this.#lookOnce(), LOOK_EVERY_MS).unref(),
      setInterval(() => void this.#ask(), ASK_EVERY_MS).unref(),
    ];
  }

  /** The one that runs now; it may be the successor of the one that was given. */
  get engine(): RunningEngine {
    return this.#engine;
  }

  /** Lets go of it, as it is; resolves when nothing is done for it any more. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#looking;
  }

  #lookOnce(): void {
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#log.error({ reason: error instanceof Error ? error.message : String(error) }, "the engine stays away");
      })
      .finally(() => {
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    if (await this.#engine.isRunning()) return;
    const goneAtMs = performance.now();
    this.#log.warn("the engine ended; a new one takes its containers over");
    this.#engine = await startEngine({ directory: this.#directory });
    this.#answeredAtMs = performance.now();
    this.#log.warn({ origin: this.#engine.origin, ms: Math.round(performance.now() - goneAtMs) }, "the engine is back");
  }

  async #ask(): Promise<void> {
    if (performance.now() - this.#answeredAtMs > SILENCE_MS && this.#looking === null) {
      this.#log.error("the engine answers no more and is ended");
      signalProcess(this.#engine.pid, "SIGKILL");
    }
    if (this.#isAsking) return;
    this.#isAsking = true;
    if (await new Docker(this.#engine.socketPath).isAnswering()) this.#answeredAtMs = performance.now();
    this.#isAsking = false;
  }
}
