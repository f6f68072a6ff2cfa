// What the Worker may ask of the Catalog, and its answers.

import type { Challenge, ChallengeSummary } from "#wire/challenge.ts";

/** `unavailable`: nothing is known and the database could not be asked. */
export type Known<T> = { outcome: "found"; value: T } | { outcome: "not_found" } | { outcome: "unavailable" };

export type ChallengeList = { challenges: ChallengeSummary[]; stale: boolean };

export interface CatalogCalls extends Rpc.DurableObjectBranded {
  list(): Promise<Known<ChallengeList>>;
  challenge(slug: string): Promise<Known<Challenge>>;
  /** The starter bundle of a version, as the JSON text of a starterBundleSchema. */
  starter(version: string): Promise<Known<string>>;
}
