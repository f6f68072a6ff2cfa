// Decides from the kernel's counters which limits of a container were hit since the last look. Pure; what is said of them is notices.ts.

import type { ContainerUsage } from "../engine/container-usage.ts";

export type LimitCode = "memory_full" | "processes_full" | "disk_low" | "disk_full" | "processor_busy";

/** Less room than these is little, or none that a program could use. */
const DISK_LOW_SHARE = 0.05;
const DISK_FULL_SHARE = 0.001;
/** All the processor was used in most periods of this time. */
export const BUSY_WINDOW_MS = 30_000;
const BUSY_SHARE = 0.6;
const PERIOD_MS = 100;

type DiskState = "free" | "low" | "full";
const SEVERITY: Record<DiskState, number> = { free: 0, low: 1, full: 2 };

export class LimitWatch {
  #last: ContainerUsage | null = null;
  #disk: DiskState = "free";
  /** Oldest first, at most a window and one reading. */
  #throttled: { atMs: number; periods: number }[] = [];

  /** What was hit since the call before; the first call only learns where the counters stand. */
  judge(usage: ContainerUsage, nowMs: number): LimitCode[] {
    const hit: LimitCode[] = [];
    const before = this.#before(usage);
    if (usage.oomKills > before.oomKills) hit.push("memory_full");
    if (usage.pidsRefused > before.pidsRefused) hit.push("processes_full");
    const disk = judgeDisk(usage);
    if (SEVERITY[disk] > SEVERITY[this.#disk]) hit.push(disk === "full" ? "disk_full" : "disk_low");
    this.#disk = disk;
    if (this.#isProcessorBusy(usage.throttledPeriods, nowMs)) hit.push("processor_busy");
    this.#last = usage;
    return hit;
  }

  /** A container that was started again counts from nothing. */
  #before(usage: ContainerUsage): Pick<ContainerUsage, "oomKills" | "pidsRefused"> {
    if (this.#last === null) return usage;
    if (usage.cpuMs >= this.#last.cpuMs) return this.#last;
    this.#throttled = [];
    return { oomKills: 0, pidsRefused: 0 };
  }

  #isProcessorBusy(periods: number, nowMs: number): boolean {
    this.#throttled.push({ atMs: nowMs, periods });
    while ((this.#throttled[1]?.atMs ?? nowMs) <= nowMs - BUSY_WINDOW_MS) this.#throttled.shift();
    const first = this.#throttled[0];
    if (first === undefined || nowMs - first.atMs < BUSY_WINDOW_MS) return false;
    const isBusy = (periods - first.periods) * PERIOD_MS > BUSY_SHARE * (nowMs - first.atMs);
    if (isBusy) this.#throttled = [];
    return isBusy;
  }
}

function judgeDisk({ disk }: ContainerUsage): DiskState {
  const freeShare = Math.min(disk.freeBytes / disk.sizeBytes, disk.freeInodes / disk.inodes);
  if (freeShare < DISK_FULL_SHARE) return "full";
  return freeShare < DISK_LOW_SHARE ? "low" : "free";
}
