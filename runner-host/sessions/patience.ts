// How long a held session waits for what should come by itself, before something is done about it.

import { limits } from "#wire/limits.ts";

export interface Patience {
  startMs: number;
  agentMs: number;
}

export const PATIENCE: Patience = {
  /** For a container that cannot be started; the edge waits as long. */
  startMs: limits.startTimeoutMs,
  /**
   * For an agent while its container runs: one that was cut dials again within a second, and one that ended is started
   * again within five. Longer than a busy machine needs, short enough that a learner is still there.
   */
  agentMs: 30_000,
};
