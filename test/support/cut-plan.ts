// Draws from a seed which cuts are made, how and when; pure, so that a run that failed can be had again.

import { SeededRandom } from "./seeded-random.ts";

export type Leg = "browser" | "data" | "agent" | "control";

export type CutKind =
  | { readonly what: "reset" | "half-open"; readonly leg: Leg }
  | { readonly what: "stall"; readonly leg: Leg; readonly stallMs: number }
  | { readonly what: "evict" }
  | { readonly what: "kill daemon" };

export interface Cut {
  readonly number: number;
  readonly kind: CutKind;
  /** Whose browser socket, where one is cut. */
  readonly tab: number;
  /** From the cut before it. */
  readonly afterMs: number;
  /** How many of the cuts before it may not be over yet: cuts overlap, but not without end. */
  readonly unhealedMax: number;
  readonly killsEdge: boolean;
}

export interface CutPlan {
  readonly seed: number;
  readonly count: number;
  readonly tabs: number;
}

/** One deal: every kind of cut, the quick ones more often. */
export const DEAL_CUTS = 28;
const EDGE_KILLS_PER_DEAL = 2;
/** Beyond every leg's silence limit. */
const LONG_STALL_MS = 15_000;

export function planCuts({ seed, count, tabs }: CutPlan): Cut[] {
  const random = new SeededRandom(seed);
  const cuts: Cut[] = [];
  while (cuts.length < count) {
    const edgeKills = new Set(shuffle(random, [...Array(DEAL_CUTS).keys()]).slice(0, EDGE_KILLS_PER_DEAL));
    for (const [index, kind] of shuffle(random, deal(random)).entries()) {
      cuts.push({
        number: cuts.length,
        kind,
        tab: random.between(0, tabs - 1),
        afterMs: random.between(50, 1_500),
        unhealedMax: random.pick([0, 0, 1, 2]),
        killsEdge: edgeKills.has(index),
      });
    }
  }
  return cuts.slice(0, count);
}

export function describeCut({ number, kind, tab, afterMs, unhealedMax, killsEdge }: Cut): string {
  const leg = "leg" in kind ? ` ${kind.leg}${kind.leg === "browser" ? ` of tab ${tab}` : ""}` : "";
  const stall = "stallMs" in kind ? ` for ${kind.stallMs} ms` : "";
  const edge = killsEdge ? ", edge killed" : "";
  return `#${number} ${kind.what}${leg}${stall}${edge} (after ${afterMs} ms, over ${unhealedMax} others)`;
}

function deal(random: SeededRandom): CutKind[] {
  const times = (count: number, draw: () => CutKind): CutKind[] => Array.from({ length: count }, draw);
  return [
    ...times(3, () => ({ what: "reset", leg: "browser" })),
    ...times(2, () => ({ what: "half-open", leg: "browser" })),
    ...times(3, () => stall(random, "browser")),
    ...times(3, () => ({ what: "reset", leg: "data" })),
    ...times(1, () => ({ what: "half-open", leg: "data" })),
    ...times(2, () => stall(random, "data")),
    ...times(2, () => ({ what: "reset", leg: "agent" })),
    ...times(1, () => ({ what: "half-open", leg: "agent" })),
    ...times(2, () => stall(random, "agent")),
    ...times(1, () => ({ what: "reset", leg: "control" })),
    ...times(1, () => ({ what: "half-open", leg: "control" })),
    ...times(1, () => stall(random, "control")),
    ...times(3, () => ({ what: "evict" })),
    ...times(3, () => ({ what: "kill daemon" })),
  ];
}

function stall(random: SeededRandom, leg: Leg): CutKind {
  const stallMs = random.chance(0.08) ? LONG_STALL_MS : random.between(200, 3_500);
  return { what: "stall", leg, stallMs };
}

function shuffle<T>(random: SeededRandom, items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.between(0, left.length - 1), 1));
}
