// What the kernel's files say of the memory that all sessions hold.

import { expect, test } from "vitest";
import { parseSessionsMemory } from "../../../runner-host/engine/sessions-memory.ts";

const machine = "MemTotal:        4096 kB\nMemFree:          100 kB\nMemAvailable:    1024 kB\n";

test("with separate hierarchies, the page cache of the containers below is not held", () => {
  const stat = "cache 0\ninactive_file 1\ntotal_shmem 500\ntotal_inactive_file 3000\ntotal_active_file 2000\n";
  expect(parseSessionsMemory({ usage: "10000\n", limit: "2000000\n", stat, machine }, "separate")).toEqual({
    heldBytes: 5_000,
    limitBytes: 2_000_000,
    machineBytes: 4_096 * 1_024,
    availableBytes: 1_024 * 1_024,
  });
});

test("with one hierarchy, neither the page cache nor what the kernel can drop of its own is held", () => {
  const stat = "anon 4000\nfile 5500\nshmem 500\ninactive_file 3000\nactive_file 2000\nslab_reclaimable 1000\n";
  const read = parseSessionsMemory({ usage: "10000\n", limit: "max\n", stat, machine }, "unified");
  expect(read.heldBytes).toBe(4_000);
  expect(read.limitBytes).toBe(4_096 * 1_024);
});

test("counters that were read a moment apart never make less than nothing", () => {
  const stat = "total_inactive_file 3000\ntotal_active_file 2000\n";
  expect(parseSessionsMemory({ usage: "4000", limit: "9223372036854771712", stat, machine }, "separate")).toMatchObject(
    {
      heldBytes: 0,
      limitBytes: 4_096 * 1_024,
    },
  );
});
