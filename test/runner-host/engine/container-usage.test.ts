// How the kernel's counters are read, from texts recorded on machines with cgroups of either kind.

import { describe, expect, it } from "vitest";
import { separateCounters, unifiedCounters } from "../../../runner-host/engine/container-usage.ts";

const pidsEvents = "max 17\ntotal 17\n";

describe("the counters of a container", () => {
  it("are read from separate hierarchies", () => {
    const counters = separateCounters.parse([
      "40210432\n",
      "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
      pidsEvents,
      "2500000000\n",
      "nr_periods 120\nnr_throttled 45\nthrottled_time 3100000000\nnr_bursts 0\nburst_time 0\n",
    ]);
    expect(counters).toEqual({
      memoryBytes: 40_210_432,
      oomKills: 3,
      pidsRefused: 17,
      cpuMs: 2_500,
      throttledPeriods: 45,
    });
  });

  it("are read from one hierarchy", () => {
    const counters = unifiedCounters.parse([
      "40210432\n",
      "low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\noom_group_kill 9\n",
      "max 17\n",
      "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_periods 120\nnr_throttled 45\nthrottled_usec 3100000\n",
    ]);
    expect(counters).toEqual({
      memoryBytes: 40_210_432,
      oomKills: 3,
      pidsRefused: 17,
      cpuMs: 2_500,
      throttledPeriods: 45,
    });
  });

  it("are nothing where a kernel does not have them", () => {
    const counters = unifiedCounters.parse(["1\n", "low 0\n", "", "usage_usec 1000\n"]);
    expect(counters).toMatchObject({ oomKills: 0, pidsRefused: 0, cpuMs: 1, throttledPeriods: 0 });
  });

  it("are refused when they are no numbers", () => {
    expect(() => unifiedCounters.parse(["max\n", "", "", "usage_usec 1"])).toThrow("no number");
  });
});
