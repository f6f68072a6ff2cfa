// How the tables of the machine are read: subordinate ids, mounts, processes, memory.

import { describe, expect, it } from "vitest";
import { sessionsMemoryBytes } from "../../../runner-host/engine/cgroups.ts";
import { hostLayout } from "../../../runner-host/engine/host-layout.ts";
import { mountPointsBelow, parseMountPoints } from "../../../runner-host/engine/mounts.ts";
import {
  identifyProcess,
  isRunning,
  parseOpenFilesMax,
  parseStartTicks,
} from "../../../runner-host/engine/processes.ts";
import { findBaseId, parseIdRanges, pickBaseId, RANGE_IDS } from "../../../runner-host/engine/subordinate-ids.ts";

const GiB = 1024 ** 3;

describe("subordinate ids", () => {
  it("reads ranges and skips what is none", () => {
    expect(parseIdRanges("alice:100000:65536\n# no\n\nbob:1:2\nbroken:x:1\n")).toEqual([
      { user: "alice", first: 100_000, count: 65_536 },
      { user: "bob", first: 1, count: 2 },
    ]);
  });

  it("uses the engine user's range only when both files agree and it is large enough", () => {
    const range = { user: "engine", first: 2_000_000, count: RANGE_IDS };
    expect(findBaseId("engine", [range], [range])).toBe(2_000_000);
    expect(findBaseId("engine", [range], [])).toBeNull();
    expect(findBaseId("engine", [range], [{ ...range, first: 1 }])).toBeNull();
    expect(findBaseId("engine", [{ ...range, count: 10 }], [range])).toBeNull();
  });

  it("picks a range that touches nobody else's", () => {
    const free = pickBaseId([]);
    const shifted = pickBaseId([{ user: "a", first: free + RANGE_IDS - 1, count: 1 }]);
    expect(shifted).toBe(free + RANGE_IDS);
    expect(pickBaseId([{ user: "a", first: 0, count: free }])).toBe(free);
    expect(pickBaseId([{ user: "a", first: 0, count: free + 1 }])).toBe(free + RANGE_IDS);
  });
});

describe("mounts", () => {
  const table = [
    "22 27 0:21 / /proc rw,relatime - proc proc rw",
    "30 27 254:0 / /run/berth-1 rw shared:1 - ext4 /dev/vda rw",
    "31 30 254:0 / /run/berth-1/a\\040b rw - ext4 /dev/vda rw",
    "32 31 7:0 / /run/berth-1/a\\040b/c rw - ext4 /dev/loop0 rw",
    "33 27 7:0 / /run/berth-10 rw - ext4 /dev/loop0 rw",
    "",
  ].join("\n");

  it("are read with their escapes undone", () => {
    expect(parseMountPoints(table)).toContain("/run/berth-1/a b");
  });

  it("below a folder are listed innermost first, without folders that merely start alike", () => {
    expect(mountPointsBelow(parseMountPoints(table), "/run/berth-1")).toEqual([
      "/run/berth-1/a b/c",
      "/run/berth-1/a b",
      "/run/berth-1",
    ]);
  });
});

describe("processes", () => {
  const stat = (state: string, threads = 1) =>
    `7 (a) b (c) ${state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 ${threads} 18 98765 20`;

  it("are told apart by their start, whatever their name contains", () => {
    expect(parseStartTicks(stat("S"))).toBe(98_765);
  });

  it("that only wait to be reaped have ended", () => {
    expect(parseStartTicks(stat("Z"))).toBeNull();
  });

  it("whose leader ended before their other threads still run", () => {
    expect(parseStartTicks(stat("Z", 4))).toBe(98_765);
  });

  it("are not confused with a later one of the same pid", async () => {
    const self = await identifyProcess(process.pid);
    if (self === null) throw new Error("this process has no identity");
    expect(await isRunning(self)).toBe(true);
    expect(await isRunning({ ...self, startTicks: self.startTicks - 1 })).toBe(false);
    expect(await isRunning({ ...self, bootId: "another boot" })).toBe(false);
  });

  it("have a hard limit on open files that is read from their table", () => {
    expect(
      parseOpenFilesMax(
        "Max processes  1  1  processes\nMax open files            1024                 20000                files\n",
      ),
    ).toBe(20_000);
    expect(parseOpenFilesMax("Max open files            unlimited            unlimited            files\n")).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe("memory of all sessions", () => {
  it("leaves room for the daemon on small and large machines", () => {
    expect(sessionsMemoryBytes(4 * GiB)).toBe(3.25 * GiB);
    expect(sessionsMemoryBytes(64 * GiB)).toBe(Math.floor(64 * GiB * 0.9));
    expect(sessionsMemoryBytes(0.5 * GiB)).toBe(0.25 * GiB);
  });
});

describe("hostLayout", () => {
  it("is the same for the same directory, and another for another", () => {
    expect(hostLayout("/data/berth")).toEqual(hostLayout("/data/./berth/"));
    expect(hostLayout("/data/berth").run).not.toBe(hostLayout("/data/berth2").run);
  });

  it("keeps sockets short enough for the kernel, however long the directory is", () => {
    const { sockets, engineSocket } = hostLayout(`/${"long/".repeat(60)}`);
    expect(`${sockets}/s_${"a".repeat(26)}/agent.sock`.length).toBeLessThan(108);
    expect(engineSocket.length).toBeLessThan(108);
  });
});
