// Reads the catalogue from the database: which challenges are listed in which version, and versions by their hash.

import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { challengeSchema, starterBundleSchema } from "#wire/challenge.ts";
import { challenges, challengeVersions, packs } from "../../schema/db/tables.ts";
import type { Database } from "./database.ts";

const listedChallengeSchema = challengeSchema.pick({
  uid: true,
  slug: true,
  pack: true,
  packTitle: true,
  version: true,
});
export type ListedChallenge = z.infer<typeof listedChallengeSchema>;

const versionContentSchema = challengeSchema.omit({
  uid: true,
  slug: true,
  pack: true,
  packTitle: true,
  version: true,
});
export type VersionContent = z.infer<typeof versionContentSchema>;

/** `starter` is the JSON text of a starterBundleSchema. */
export type ChallengeVersion = { content: VersionContent; starter: string };

/** All listed challenges, by pack and place within it. */
export async function readListedChallenges(database: Database): Promise<ListedChallenge[]> {
  const { uid, slug, pack, version } = challenges;
  const rows = await database
    .select({ uid, slug, pack, packTitle: packs.title, version })
    .from(challenges)
    .innerJoin(packs, eq(packs.id, challenges.pack))
    .where(eq(challenges.visibility, "listed"))
    .orderBy(asc(challenges.pack), asc(challenges.position));
  return z.array(listedChallengeSchema).parse(rows);
}

/** Null when there is no such version. */
export async function readVersion(database: Database, hash: string): Promise<ChallengeVersion | null> {
  const { title, summary, difficulty, minutes, concepts, task, images, starter } = challengeVersions;
  const [row] = await database
    .select({ content: { title, summary, difficulty, minutes, concepts, task, images }, starter })
    .from(challengeVersions)
    .where(eq(challengeVersions.hash, hash));
  if (row === undefined) return null;
  return {
    content: versionContentSchema.parse(row.content),
    starter: JSON.stringify(starterBundleSchema.parse(row.starter)),
  };
}
