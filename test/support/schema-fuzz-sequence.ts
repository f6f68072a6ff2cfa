// Disturbs a conversation that was plausible: what is said in it comes late, again, not at all, or from somebody else's.

import type { SeededRandom } from "./seeded-random.ts";

export const disturbances = ["reorder", "replay", "drop", "cut_in"] as const;
export type Disturbance = (typeof disturbances)[number];

/** `others` is another conversation's: of another terminal, connection, session or an older epoch. */
export function disturb<T>(
  spoken: readonly T[],
  others: readonly T[],
  random: SeededRandom,
  disturbance: Disturbance = random.pick(disturbances),
): T[] {
  const words = [...spoken];
  const at = () => random.between(0, words.length);
  for (let times = random.between(1, 4); times > 0; times--) {
    const [from, to] = [Math.min(at(), words.length - 1), at()];
    const length = random.between(1, 3);
    switch (disturbance) {
      case "reorder":
        words.splice(to, 0, ...words.splice(from, length));
        break;
      case "replay":
        words.splice(to, 0, ...words.slice(from, from + length));
        break;
      case "drop":
        words.splice(from, length);
        break;
      case "cut_in": {
        const start = random.between(0, Math.max(0, others.length - 1));
        words.splice(to, 0, ...others.slice(start, start + length));
      }
    }
  }
  return words;
}
