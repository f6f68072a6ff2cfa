// Owns starter bundles on this host: fetched from the edge by content hash once, then read from disk.

import { mkdir, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type StarterBundle, starterBundleSchema } from "#wire/challenge.ts";
import { limits } from "#wire/limits.ts";
import { writeFileDurably } from "../durable-file.ts";

/** Versions kept on disk: at most this many of at most starterBundleBytes each. */
const KEPT_VERSIONS_MAX = 128;
const FETCH_MS = 8_000;
const FETCH_PAUSES_MS = [200, 1_000];

/** The edge answered and the answer will not change. */
export class StarterRefusedError extends Error {
  override readonly name = "StarterRefusedError";
}

export class StarterSource {
  readonly #directory: string;
  readonly #edgeUrl: string;
  readonly #credential: string;
  readonly #underWay = new Map<string, Promise<StarterBundle>>();

  constructor(options: { directory: string; edgeUrl: string; credential: string }) {
    this.#directory = options.directory;
    this.#edgeUrl = options.edgeUrl;
    this.#credential = options.credential;
  }

  /** The starter of a version; throws when it cannot be had, a StarterRefusedError with one sentence when that is final. */
  get(version: string): Promise<StarterBundle> {
    let bundle = this.#underWay.get(version);
    if (bundle === undefined) {
      bundle = this.#find(version).finally(() => this.#underWay.delete(version));
      this.#underWay.set(version, bundle);
    }
    return bundle;
  }

  async #find(version: string): Promise<StarterBundle> {
    const path = join(this.#directory, `${version}.json`);
    const kept = await this.#readKept(path);
    if (kept !== null) return kept;
    const bundle = await this.#fetchPatiently(version);
    await this.#keep(path, bundle).catch((error: Error) => {
      process.emitWarning(`A starter is fetched again next time: ${error.message}`);
    });
    return bundle;
  }

  async #keep(path: string, bundle: StarterBundle): Promise<void> {
    await writeFileDurably(path, JSON.stringify(bundle));
    await this.#forgetOldest();
  }

  async #readKept(path: string): Promise<StarterBundle | null> {
    const text = await readFile(path, "utf8").catch(() => null);
    if (text === null) return null;
    const now = new Date();
    await utimes(path, now, now);
    return starterBundleSchema.parse(JSON.parse(text));
  }

  async #fetchPatiently(version: string): Promise<StarterBundle> {
    for (const pauseMs of FETCH_PAUSES_MS) {
      try {
        return await this.#fetch(version);
      } catch (error) {
        if (error instanceof StarterRefusedError) throw error;
        await delay(pauseMs);
      }
    }
    return this.#fetch(version);
  }

  async #fetch(version: string): Promise<StarterBundle> {
    const response = await fetch(new URL(`/api/runner/versions/${version}/starter`, this.#edgeUrl), {
      headers: { authorization: `Bearer ${this.#credential}` },
      signal: AbortSignal.timeout(FETCH_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      const message = `The edge answered ${response.status} for the starter files.`;
      throw response.status < 500 && response.status !== 429 ? new StarterRefusedError(message) : new Error(message);
    }
    const text = await response.text();
    if (text.length > limits.starterBundleBytes)
      throw new StarterRefusedError("The starter files are larger than allowed.");
    const parsed = starterBundleSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new StarterRefusedError("The starter files are malformed.");
    return parsed.data;
  }

  async #forgetOldest(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const names = await readdir(this.#directory);
    if (names.length <= KEPT_VERSIONS_MAX) return;
    const files = await Promise.all(
      names.map(async (name) => ({ name, usedAtMs: (await stat(join(this.#directory, name))).mtimeMs })),
    );
    files.sort((a, b) => b.usedAtMs - a.usedAtMs);
    for (const { name } of files.slice(KEPT_VERSIONS_MAX)) await rm(join(this.#directory, name), { force: true });
  }
}
