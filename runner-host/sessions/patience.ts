// How long a held session waits for what should come by itself, before something is done about it.

import { limits } from "#wire/limits.ts";
import type { RestTimes } from "./rest-watch.ts";
import type { PulseTimes } from "./session-pulse.ts";

export interface Patience {
  startMs: number;
  agentMs: number;
  pulse: PulseTimes;
  rest: RestTimes;
  hogLookEveryMs: number;
}

/** Without input, a foreground job or much use of the processor. */
export const PAUSE_AFTER_MS = 60_000;

/** A session is looked at and judged in proportion where it is to be paused sooner than usual, or never with 0. */
export function pulseTimes(quietMs: number): PulseTimes {
  return {
    quietMs,
    cpuShare: 0.01,
    cpuWindowMs: Math.min(10_000, quietMs),
    lookEveryMs: quietMs === 0 ? 2_000 : Math.min(2_000, quietMs / 2),
  };
}

export const PATIENCE: Patience = {
  /** For a container that cannot be started; the edge waits as long. */
  startMs: limits.startTimeoutMs,
  /**
   * For an agent while its container runs: one that was cut dials again within a second, and one that ended is started
   * again within five. Longer than a busy machine needs, short enough that a learner is still there.
   */
  agentMs: 30_000,
  pulse: pulseTimes(PAUSE_AFTER_MS),
  rest: { lookEveryMs: 2_000, presentMs: 60_000 },
  /** Often enough that a neighbour who finds nothing left has it within seconds. */
  hogLookEveryMs: 2_000,
};
