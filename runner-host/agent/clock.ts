// The clock of the agent's terminals, so that tests can turn it by hand.

export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls `run` once at `atMs` or later; the returned function cancels. */
  callAt(atMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  callAt(atMs, run) {
    const timer = setTimeout(run, Math.max(0, Math.ceil(atMs - performance.now())));
    return () => clearTimeout(timer);
  },
};
