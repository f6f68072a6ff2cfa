// The Catalog's SQLite tables: the last known listing, and versions by hash, which never change.

import type { Challenge } from "#wire/challenge.ts";
import type { ChallengeVersion, ListedChallenge, VersionContent } from "../db/catalogue-rows.ts";

/** SQLite values in an object end at 2 MB. */
const PART_BYTES = 1024 * 1024;

type ChallengeRow = { listed: string; content: string };

export class CatalogStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS listing (slug TEXT PRIMARY KEY, place INTEGER NOT NULL, version TEXT NOT NULL, listed TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS versions (hash TEXT PRIMARY KEY, content TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS starter_parts (hash TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (hash, part));
      CREATE TABLE IF NOT EXISTS refreshes (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
    `);
  }

  /** When the listing was last read from the database, or null when it never was. */
  refreshedAt(): number | null {
    const [row] = this.#storage.sql.exec<{ at: number }>("SELECT at FROM refreshes").toArray();
    return row?.at ?? null;
  }

  replaceListing(listing: readonly ListedChallenge[], now: number): void {
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      sql.exec("DELETE FROM listing");
      listing.forEach((listed, place) => {
        sql.exec("INSERT INTO listing VALUES (?, ?, ?, ?)", listed.slug, place, listed.version, JSON.stringify(listed));
      });
      sql.exec("INSERT OR REPLACE INTO refreshes VALUES (1, ?)", now);
    });
  }

  challenges(): Challenge[] {
    return this.#storage.sql
      .exec<ChallengeRow>("SELECT listed, content FROM listing JOIN versions ON hash = version ORDER BY place")
      .toArray()
      .map(readChallenge);
  }

  challenge(slug: string): Challenge | null {
    const [row] = this.#storage.sql
      .exec<ChallengeRow>("SELECT listed, content FROM listing JOIN versions ON hash = version WHERE slug = ?", slug)
      .toArray();
    return row === undefined ? null : readChallenge(row);
  }

  hasVersion(hash: string): boolean {
    return this.#storage.sql.exec("SELECT 1 FROM versions WHERE hash = ?", hash).toArray().length > 0;
  }

  addVersion(hash: string, { content, starter }: ChallengeVersion): void {
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      sql.exec("INSERT OR IGNORE INTO versions VALUES (?, ?)", hash, JSON.stringify(content));
      const bytes = new TextEncoder().encode(starter);
      for (let part = 0; part * PART_BYTES < bytes.length; part++) {
        const slice = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
        sql.exec("INSERT OR IGNORE INTO starter_parts VALUES (?, ?, ?)", hash, part, slice.buffer);
      }
    });
  }

  /** Null when the version is not known. */
  starter(hash: string): string | null {
    const parts = this.#storage.sql
      .exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM starter_parts WHERE hash = ? ORDER BY part", hash)
      .toArray();
    const decoder = new TextDecoder();
    const texts = parts.map(({ bytes }) => decoder.decode(bytes, { stream: true }));
    return parts.length === 0 ? null : texts.join("") + decoder.decode();
  }
}

function readChallenge({ listed, content }: ChallengeRow): Challenge {
  const challenge: ListedChallenge = JSON.parse(listed);
  const version: VersionContent = JSON.parse(content);
  return { ...challenge, ...version };
}
