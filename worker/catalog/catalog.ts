// The Catalog's object: answers from what it knows, asks the database for news, and is never the reason that a session waits.

import { DurableObject } from "cloudflare:workers";
import { type Challenge, challengeSummarySchema } from "#wire/challenge.ts";
import { limits } from "#wire/limits.ts";
import { readListedChallenges, readVersion } from "../db/catalogue-rows.ts";
import { type Database, openDatabase } from "../db/database.ts";
import { type Bindings, readSettings } from "../env.ts";
import { logFault } from "../log.ts";
import { edgeCounts } from "../metrics/edge-counts.ts";
import type { CatalogCalls, ChallengeList, Known } from "./catalog-calls.ts";
import { CatalogStore } from "./store.ts";

/** A refresh goes on behind an answer that did not wait for it, but not for ever. */
const DATABASE_TIMEOUT_MS = 10_000;

const summarySchema = challengeSummarySchema.strip();

export class Catalog extends DurableObject<Bindings> implements CatalogCalls {
  readonly #store: CatalogStore;
  #database: Database | null = null;
  #refresh: Promise<boolean> | null = null;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    edgeCounts.constructed.Catalog += 1;
    this.#store = new CatalogStore(ctx.storage);
  }

  async list(): Promise<Known<ChallengeList>> {
    const isFresh = await this.#freshen();
    if (this.#store.refreshedAt() === null) return { outcome: "unavailable" };
    const challenges = this.#store.challenges().map((challenge) => summarySchema.parse(challenge));
    return { outcome: "found", value: { challenges, stale: !isFresh } };
  }

  async challenge(slug: string): Promise<Known<Challenge>> {
    const known = this.#store.challenge(slug);
    if (known !== null) {
      if (!this.#isFresh()) void this.#startRefresh();
      return { outcome: "found", value: known };
    }
    const isFresh = await this.#freshen();
    const found = this.#store.challenge(slug);
    if (found !== null) return { outcome: "found", value: found };
    return { outcome: isFresh ? "not_found" : "unavailable" };
  }

  async starter(version: string): Promise<Known<string>> {
    try {
      const text = this.#store.starter(version) ?? (await this.#fetchVersion(version));
      return text === null ? { outcome: "not_found" } : { outcome: "found", value: text };
    } catch (error) {
      logFault("starter", error, { version });
      return { outcome: "unavailable" };
    }
  }

  #isFresh(): boolean {
    return Date.now() - (this.#store.refreshedAt() ?? 0) < limits.catalogueFreshMs;
  }

  /** Waits a bounded time for the database; answers whether what is known is fresh. */
  async #freshen(): Promise<boolean> {
    if (this.#isFresh()) return true;
    return Promise.race([this.#startRefresh(), scheduler.wait(limits.catalogueAnswerMs).then(() => false)]);
  }

  /** One refresh at a time; answers whether it succeeded and never rejects. */
  #startRefresh(): Promise<boolean> {
    this.#refresh ??= this.#readAll().finally(() => {
      this.#refresh = null;
    });
    return this.#refresh;
  }

  async #readAll(): Promise<boolean> {
    try {
      const listing = await readListedChallenges(this.#open());
      // Versions first: one is listed only once it can be opened and laid without the database.
      for (const { version } of listing) if (!this.#store.hasVersion(version)) await this.#fetchVersion(version);
      this.#store.replaceListing(listing, Date.now());
      return true;
    } catch (error) {
      logFault("catalogue refresh", error);
      return false;
    }
  }

  /** The version's starter, or null when there is no such version. */
  async #fetchVersion(hash: string): Promise<string | null> {
    const version = await readVersion(this.#open(), hash);
    if (version !== null) this.#store.addVersion(hash, version);
    return version?.starter ?? null;
  }

  #open(): Database {
    const { url, token } = readSettings(this.env).database;
    this.#database ??= openDatabase(url, token, DATABASE_TIMEOUT_MS);
    return this.#database;
  }
}
