// Brings the content packs of a directory into the database: immutable versions first, then what is current, in one step per pack.

import { and, eq, inArray, notInArray } from "drizzle-orm";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { drizzle } from "drizzle-orm/libsql/web";
import { challenges, challengeVersions, packs } from "../../schema/db/tables.ts";
import { type DatabaseAddress, withDatabase } from "./connect.ts";
import { PackError } from "./pack-error.ts";
import { type Pack, readPacks } from "./read-packs.ts";

export interface ImportOptions extends DatabaseAddress {
  /** Holds one folder per pack. */
  readonly directory: string;
}

export interface ImportSummary {
  readonly packs: number;
  readonly challenges: number;
  /** Versions that were not in the database before. */
  readonly newVersions: number;
}

/** Imports every pack; importing the same files again changes nothing. Throws PackError, before anything is written, for a pack that is not valid. */
export async function importPacks({ directory, ...address }: ImportOptions): Promise<ImportSummary> {
  const found = await readPacks(directory);
  return await withDatabase(address, async (client) => {
    const database = drizzle(client);
    for (const pack of found) await refuseTakenSlugs(database, pack);
    let newVersions = 0;
    for (const pack of found) {
      newVersions += await writeVersions(database, pack);
      await publish(database, pack);
    }
    const count = found.reduce((sum, pack) => sum + pack.challenges.length, 0);
    return { packs: found.length, challenges: count, newVersions };
  });
}

/** A slug stays with the challenge that has it, also while that one is hidden: links and sessions name it. */
async function refuseTakenSlugs(database: LibSQLDatabase, pack: Pack): Promise<void> {
  const slugs = pack.challenges.map(({ meta }) => meta.slug);
  const owners = await database
    .select({ slug: challenges.slug, uid: challenges.uid })
    .from(challenges)
    .where(inArray(challenges.slug, slugs));
  for (const { meta } of pack.challenges) {
    const owner = owners.find(({ slug, uid }) => slug === meta.slug && uid !== meta.uid);
    if (!owner) continue;
    const file = `${pack.name}/${meta.slug}/challenge.yaml`;
    throw new PackError(file, null, `slug ${meta.slug} belongs to the challenge with uid ${owner.uid} already`);
  }
}

/** One request per version: together they could be more than a request may carry. */
async function writeVersions(database: LibSQLDatabase, pack: Pack): Promise<number> {
  const hashes = pack.challenges.map(({ hash }) => hash);
  const known = await database
    .select({ hash: challengeVersions.hash })
    .from(challengeVersions)
    .where(inArray(challengeVersions.hash, hashes));
  const missing = pack.challenges.filter(({ hash }) => !known.some((row) => row.hash === hash));
  for (const { hash, meta, task, starter } of missing) {
    const { uid, title, summary, difficulty, minutes, concepts, needs } = meta;
    await database
      .insert(challengeVersions)
      .values({
        hash,
        uid,
        title,
        summary,
        difficulty,
        minutes,
        concepts,
        images: needs.images,
        task,
        starter,
        createdAt: Date.now(),
      })
      .onConflictDoNothing();
  }
  return missing.length;
}

/** Makes the pack what its files say, all of it or nothing. */
async function publish(database: LibSQLDatabase, { meta: pack, challenges: current }: Pack): Promise<void> {
  const { id, title, license } = pack;
  const uids = current.map(({ meta }) => meta.uid);
  await database.batch([
    database
      .insert(packs)
      .values({ id, title, license })
      .onConflictDoUpdate({ target: packs.id, set: { title, license } }),
    database
      .update(challenges)
      .set({ visibility: "hidden" })
      .where(and(eq(challenges.pack, id), notInArray(challenges.uid, uids))),
    ...current.map(({ hash, meta }, position) => {
      const row = { slug: meta.slug, pack: id, version: hash, position, visibility: "listed" } as const;
      return database
        .insert(challenges)
        .values({ uid: meta.uid, ...row })
        .onConflictDoUpdate({ target: challenges.uid, set: row });
    }),
  ]);
}
