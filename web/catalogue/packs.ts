// The catalogue's order and filter.

import type { ChallengeSummary } from "#wire/challenge.ts";

export type Pack = { slug: string; title: string; challenges: ChallengeSummary[] };

/** Packs and challenges in the order of the list. */
export function groupByPack(challenges: readonly ChallengeSummary[]): Pack[] {
  const packs = new Map<string, Pack>();
  for (const challenge of challenges) {
    const pack = packs.get(challenge.pack) ?? { slug: challenge.pack, title: challenge.packTitle, challenges: [] };
    pack.challenges.push(challenge);
    packs.set(challenge.pack, pack);
  }
  return [...packs.values()];
}

/** Challenges in whose title, summary, pack, difficulty or concepts every word occurs. */
export function filterChallenges(challenges: readonly ChallengeSummary[], words: string): ChallengeSummary[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return challenges.filter(({ title, summary, packTitle, difficulty, concepts }) => {
    const text = [title, summary, packTitle, difficulty, ...concepts].join("\n").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
