// Keeps built things in one folder: each appears whole under its name or not at all, and what a killed build left is removed by the next one.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, stat, statfs, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cleanLeftovers } from "../engine/engine-place.ts";
import { HostUnfitError } from "../engine/host-requirements.ts";
import { listLoopsBelow, unmountBelow } from "../engine/mounts.ts";
import { identifyProcess } from "../engine/processes.ts";
import { findUnusedImages } from "./unused-images.ts";

const SCRATCH = /^\.building-(\d+)-(\d+)$/;
const GiB = 1024 ** 3;
/** Trees, archives and what an engine unpacks from them, all at once. */
const FREE_BYTES_MIN = 4 * GiB;

export class ImageFolder {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Path of `name`, which `build` makes when it is not there: it returns what it made inside the scratch folder it is given.
   * Two processes may build the same at once; the first to finish wins.
   */
  async ensure(name: string, build: (scratch: string) => Promise<string>): Promise<string> {
    const target = join(this.directory, name);
    if (existsSync(target)) {
      const now = new Date();
      await utimes(target, now, now);
      return target;
    }
    return this.withScratch(async (scratch) => {
      const made = await build(scratch);
      await rename(made, target).catch((error: Error) => {
        if (!existsSync(target)) throw error;
      });
      return target;
    });
  }

  /** Gives `work` an empty folder, which is removed with all that was started in it; a killed process' folder is removed by the next one. */
  async withScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
    await this.#removeAbandoned();
    const scratch = await this.#openScratch();
    try {
      await this.#requireFreeSpace();
      return await work(scratch);
    } finally {
      await removeScratch(scratch);
      // Another build of this process may still use its own part.
      await rmdir(dirname(scratch)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOTEMPTY" && error.code !== "ENOENT") throw error;
      });
    }
  }

  /** Removes what no build has asked for in a long time and nobody has mounted. */
  async sweep(): Promise<void> {
    const kept = (await readdir(this.directory)).map(async (name) => {
      const path = join(this.directory, name);
      const isMounted = (await listLoopsBelow(path)).length > 0;
      const usedAtMs = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.POSITIVE_INFINITY,
      );
      return { name, isMounted, usedAtMs };
    });
    for (const name of findUnusedImages(await Promise.all(kept), Date.now()))
      await rm(join(this.directory, name), { recursive: true, force: true });
  }

  async #openScratch(): Promise<string> {
    const self = await identifyProcess(process.pid);
    const folder = join(this.directory, `.building-${process.pid}-${self?.startTicks ?? 0}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return mkdtemp(join(folder, "part-"));
  }

  async #removeAbandoned(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    for (const name of await readdir(this.directory)) {
      const match = SCRATCH.exec(name);
      if (match === null) continue;
      const owner = await identifyProcess(Number(match[1]));
      if (owner !== null && owner.startTicks === Number(match[2])) continue;
      const folder = join(this.directory, name);
      for (const part of await readdir(folder)) await removeScratch(join(folder, part));
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #requireFreeSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(this.directory);
    const freeBytes = bavail * bsize;
    if (freeBytes >= FREE_BYTES_MIN) return;
    throw new HostUnfitError(
      `Building the images needs ${FREE_BYTES_MIN / GiB} GiB free in ${this.directory}, and only ${(freeBytes / GiB).toFixed(1)} GiB are; free some, or choose another place with --data-dir.`,
    );
  }
}

/** An engine or a chroot may still be there when its builder was killed: nothing is deleted through their mounts. */
async function removeScratch(scratch: string): Promise<void> {
  for (const name of await readdir(scratch)) await cleanLeftovers(join(scratch, name));
  await unmountBelow(scratch);
  await rm(scratch, { recursive: true, force: true });
}
