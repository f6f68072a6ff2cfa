// Tells a reader who is simply far away from a network, host or container that is slow.

import { readSpread, type Trips } from "./measure.ts";

/** A steady way of more than this is long: a busy network is quick in between. */
const FAR_MS = 100;
/** What lies behind the edge adds no more than this, or this share, where the distance is before it. */
const NEAR_BEHIND_MS = 30;
const NEAR_BEHIND_SHARE = 0.25;

/** What to say of round trips that take about as long as the one to the edge does; null where distance is not the reason. */
export function explainDistance(edge: Trips, beyond: Trips, isPredicting: boolean): string | null {
  const [near, far] = [readSpread(edge), readSpread(beyond)];
  if (near === null || far === null || near.least <= FAR_MS) return null;
  if (far.median - near.median > Math.max(NEAR_BEHIND_MS, near.median * NEAR_BEHIND_SHARE)) return null;
  return isPredicting
    ? "You are far from Berth: the distance explains this, and nothing is broken. What you type is shown at once, and set right when its echo comes."
    : "You are far from Berth: the distance explains this, and nothing is broken. Turn on “Show typing at once” over the terminal to type without the wait.";
}
