// Looks at the memory that all sessions of this host hold, and puts to rest whom the rule names.

import type { Logger } from "pino";
import type { ContainerEngine } from "../engine/container-engine.ts";
import type { HostMetrics } from "../metrics.ts";
import { type RestCandidate, RestRule } from "./rest-rule.ts";

export interface RestTimes {
  lookEveryMs: number;
  /** Somebody who was there so lately stays, whatever the machine lacks. */
  presentMs: number;
}

export interface RestingSession {
  readonly isResting: boolean;
  /** Null while there is nothing to put to rest. */
  readonly restCandidate: RestCandidate | null;
  putToRest(): Promise<void>;
}

export interface RestWatchOptions {
  engine: Pick<ContainerEngine, "shared">;
  times: RestTimes;
  log: Logger;
  gauge: HostMetrics["restingSessions"];
  listHeld(): Iterable<RestingSession>;
}

export class RestWatch {
  readonly #options: RestWatchOptions;
  readonly #rule: RestRule;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(options: RestWatchOptions) {
    this.#options = options;
    this.#rule = new RestRule(options.times.presentMs);
    this.#timer = setInterval(() => void this.#look(), options.times.lookEveryMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One look at a time: what rests must have freed its memory before the next. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { engine, log, gauge, listHeld } = this.#options;
    try {
      const memory = await engine.shared.readMemory();
      const held = [...listHeld()];
      const chosen = this.#rule.choose(
        memory,
        held.flatMap((one) => one.restCandidate ?? []),
      );
      if (chosen.length > 0) log.warn({ ...memory, chosen }, "short of memory: sessions are put to rest");
      await Promise.all(
        held.filter((one) => chosen.includes(one.restCandidate?.session ?? "")).map((one) => one.putToRest()),
      );
      gauge.set(held.filter((one) => one.isResting).length);
    } catch (error) {
      log.error({ reason: error instanceof Error ? error.message : String(error) }, "memory could not be looked after");
    } finally {
      this.#isLooking = false;
    }
  }
}
