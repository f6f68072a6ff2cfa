// Which counters of the kernel mean that a limit was hit, and when that is news.

import { beforeEach, describe, expect, it } from "vitest";
import type { ContainerUsage } from "../../../runner-host/engine/container-usage.ts";
import { BUSY_WINDOW_MS, type LimitCode, LimitWatch } from "../../../runner-host/sessions/limit-watch.ts";

const disk = { sizeBytes: 1_000_000, freeBytes: 1_000_000, inodes: 1_000, freeInodes: 1_000 };
const idle: ContainerUsage = { memoryBytes: 1, oomKills: 2, pidsRefused: 3, cpuMs: 0, throttledPeriods: 0, disk };

let watch: LimitWatch;
let nowMs: number;
beforeEach(() => {
  watch = new LimitWatch();
  nowMs = 0;
});

function see(change: Partial<Omit<ContainerUsage, "disk">> & { disk?: Partial<typeof disk> }): LimitCode[] {
  nowMs += 2_000;
  return watch.judge({ ...idle, cpuMs: nowMs / 10, ...change, disk: { ...disk, ...change.disk } }, nowMs);
}

describe("the watch over limits", () => {
  it("learns at first where the counters stand, and tells what rises", () => {
    expect(see({})).toEqual([]);
    expect(see({ oomKills: 3 })).toEqual(["memory_full"]);
    expect(see({ oomKills: 3, pidsRefused: 9 })).toEqual(["processes_full"]);
    expect(see({ oomKills: 3, pidsRefused: 9 })).toEqual([]);
  });

  it("takes a container that was started again as one that counts from nothing", () => {
    see({});
    expect(see({ cpuMs: 1, oomKills: 1, pidsRefused: 0 })).toEqual(["memory_full"]);
  });

  it("tells of a disk once for each state that is worse, of its room and of its files", () => {
    see({});
    expect(see({ disk: { freeBytes: 49_000 } })).toEqual(["disk_low"]);
    expect(see({ disk: { freeBytes: 30_000 } })).toEqual([]);
    expect(see({ disk: { freeBytes: 0 } })).toEqual(["disk_full"]);
    expect(see({ disk: { freeBytes: 30_000 } })).toEqual([]);
    expect(see({ disk: { freeInodes: 0 } })).toEqual(["disk_full"]);
    expect(see({})).toEqual([]);
    expect(see({ disk: { freeInodes: 40 } })).toEqual(["disk_low"]);
  });

  it("tells of a disk that it finds full", () => {
    expect(see({ disk: { freeBytes: 0 } })).toEqual(["disk_full"]);
  });

  it.each([
    [9, ["processor_busy"]],
    [2, []],
  ])("with %i of 10 periods throttled for the whole window says %j", (perSecond, told) => {
    const said: LimitCode[] = [];
    for (let periods = 0; nowMs < BUSY_WINDOW_MS + 4_000; periods += 2 * perSecond)
      said.push(...see({ throttledPeriods: periods }));
    expect(said).toEqual(told);
  });

  it("does not take a short burst for a busy processor", () => {
    const said: LimitCode[] = [];
    for (let look = 0; look < 40; look++) said.push(...see({ throttledPeriods: look < 10 ? look * 20 : 180 }));
    expect(said).toEqual([]);
  });
});
