// Measures one session's start for the host's figures; a session that was held before this daemon started has no such times.

import type { HostMetrics } from "../metrics.ts";

export class StartClock {
  readonly claimedAtMs = performance.now();
  readonly #metrics: HostMetrics;
  #isContainerDue: boolean;
  #isAgentDue: boolean;

  constructor(metrics: HostMetrics, isFresh: boolean) {
    this.#metrics = metrics;
    this.#isContainerDue = isFresh;
    this.#isAgentDue = isFresh;
  }

  noteContainer(): void {
    if (this.#isContainerDue) this.#metrics.claimSeconds.observe(this.#sinceClaimS());
    this.#isContainerDue = false;
  }

  noteAgent(): void {
    if (this.#isAgentDue) this.#metrics.firstConnectSeconds.observe(this.#sinceClaimS());
    this.#isAgentDue = false;
  }

  #sinceClaimS(): number {
    return (performance.now() - this.claimedAtMs) / 1_000;
  }
}
