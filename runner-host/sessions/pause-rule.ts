// Decides when a session may be paused: nobody used it for a while, no program has the foreground of a terminal, and next to no processor is used. Pure.

export interface PauseTimes {
  /** Without input or anything else that needs the agent; 0: never paused. */
  quietMs: number;
  /** The processor's use is taken over so long, up to now ... */
  cpuWindowMs: number;
  /** ... and must stay below this share of one processor. */
  cpuShare: number;
}

type CpuReading = { atMs: number; cpuMs: number };

export class PauseRule {
  readonly #times: PauseTimes;
  #quietFromMs: number;
  #isBusy = false;
  /** The oldest is the newest that is a whole window old, if there is one. */
  #readings: CpuReading[] = [];

  constructor(times: PauseTimes, nowMs: number) {
    this.#times = times;
    this.#quietFromMs = nowMs;
  }

  /** Whether a foreground job runs. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  idleMs(nowMs: number): number {
    return nowMs - this.#quietFromMs;
  }

  noteUse(nowMs: number): void {
    this.#quietFromMs = nowMs;
  }

  noteJobs(isBusy: boolean, nowMs: number): void {
    if (this.#isBusy) this.#quietFromMs = nowMs;
    this.#isBusy = isBusy;
  }

  noteCpu(cpuMs: number, nowMs: number): void {
    // A container that was started again has used less than before.
    if (cpuMs < (this.#readings.at(-1)?.cpuMs ?? 0)) this.#readings = [];
    this.#readings.push({ atMs: nowMs, cpuMs });
    while ((this.#readings[1]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs - this.#times.cpuWindowMs)
      this.#readings.shift();
  }

  /** Nothing was counted while the session was paused. */
  forgetCpu(): void {
    this.#readings = [];
  }

  mayPause(nowMs: number): boolean {
    const { quietMs, cpuWindowMs, cpuShare } = this.#times;
    if (quietMs === 0 || this.#isBusy || nowMs - this.#quietFromMs < quietMs) return false;
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < cpuWindowMs) return false;
    return last.cpuMs - first.cpuMs < cpuShare * (last.atMs - first.atMs);
  }
}
