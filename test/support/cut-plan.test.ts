// A plan of cuts can be had again from its seed, and every deal of it holds every kind.

import { describe, expect, it } from "vitest";
import { DEAL_CUTS, describeCut, planCuts } from "./cut-plan.ts";

const KINDS = ["browser", "data", "agent", "control"]
  .flatMap((leg) => ["reset", "half-open", "stall"].map((what) => `${what} ${leg}`))
  .concat("evict", "kill daemon");

describe("a plan of cuts", () => {
  it("is the same for the same seed and another for another", () => {
    const plan = { count: 500, tabs: 3 };
    expect(planCuts({ ...plan, seed: 1 })).toEqual(planCuts({ ...plan, seed: 1 }));
    expect(planCuts({ ...plan, seed: 1 })).not.toEqual(planCuts({ ...plan, seed: 2 }));
  });

  it.each([1, 2, 3])("holds every kind in each deal, and a part with the edge killed (seed %i)", (seed) => {
    const cuts = planCuts({ seed, count: 10 * DEAL_CUTS, tabs: 3 });
    for (let start = 0; start < cuts.length; start += DEAL_CUTS) {
      const dealt = cuts.slice(start, start + DEAL_CUTS);
      const kinds = dealt.map(({ kind }) => ("leg" in kind ? `${kind.what} ${kind.leg}` : kind.what));
      expect(new Set(kinds)).toEqual(new Set(KINDS));
      expect(dealt.filter(({ killsEdge }) => killsEdge)).toHaveLength(2);
    }
    expect(new Set(cuts.map(({ tab }) => tab))).toEqual(new Set([0, 1, 2]));
    expect(cuts.map(({ number }) => number)).toEqual([...cuts.keys()]);
  });

  it("is told so that a person can follow it", () => {
    const cut = { number: 7, tab: 2, afterMs: 80, unhealedMax: 1, killsEdge: true } as const;
    expect(describeCut({ ...cut, kind: { what: "stall", leg: "browser", stallMs: 900 } })).toBe(
      "#7 stall browser of tab 2 for 900 ms, edge killed (after 80 ms, over 1 others)",
    );
    expect(describeCut({ ...cut, kind: { what: "evict" }, killsEdge: false })).toBe(
      "#7 evict (after 80 ms, over 1 others)",
    );
  });
});
