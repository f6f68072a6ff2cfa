// Makes, mounts and removes the disks of sessions: one sparse ext4 file each, copied from a template, whose size is the learner's hard quota.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "../engine/command.ts";
import { ContainerRefusedError } from "../engine/container-engine.ts";
import type { DiskUsage } from "../engine/container-usage.ts";
import { isMounted, unmount, unmountBelow } from "../engine/mounts.ts";

export interface DiskFolders {
  /** Where the disks' files are kept, and where they are mounted. */
  files: string;
  mounts: string;
}

export interface SessionDisk {
  path: string;
  /** The lab set that the disk's nested Docker points into; fixed when the disk is made. */
  labSetName: string;
}

const recordSchema = z.strictObject({ labSetName: z.string() });

/** A device node on it stays useless to a learner (no device is allowed), but BuildKit fails on a nodev or nosuid disk; deleted files give their room back to the host. */
const MOUNT_OPTIONS = "loop,noatime,discard,noinit_itable";

/** Disks are sparse and promise more than the host has: no new one is made of what those that are here, and the engine, still write. */
const FREE_BYTES_MIN = 256 * 1024 * 1024;

export class SessionDisks {
  readonly #folders: DiskFolders;

  constructor(folders: DiskFolders) {
    this.#folders = folders;
  }

  /** Throws ContainerRefusedError when the session's disk, which was made, is not there any more. */
  requireKept(session: string): void {
    if (existsSync(this.#file(session))) return;
    throw new ContainerRefusedError("files_lost", "The files of this session are gone from its runner host.");
  }

  /** Sessions of which a disk is kept, half made or mounted. */
  async list(): Promise<string[]> {
    const names = [this.#folders.files, this.#folders.mounts].map((folder) => readdir(folder).catch(() => []));
    return [...new Set((await Promise.all(names)).flat().map((name) => name.replace(/\..*$/, "")))];
  }

  /** Mounts the session's disk, making it from `template` when there is none; one that is mounted is left as it is. */
  async open(session: string, template: string, labSetName: string): Promise<SessionDisk> {
    const path = this.#mountPoint(session);
    if (!existsSync(this.#file(session))) await this.#create(session, template, labSetName);
    const record = recordSchema.parse(JSON.parse(await readFile(this.#record(session), "utf8")));
    if (!(await isMounted(path))) {
      await mkdir(path, { recursive: true });
      await runCommand("mount", ["-t", "ext4", "-o", MOUNT_OPTIONS, this.#file(session), path]);
    }
    return { path, ...record };
  }

  /** Unmounts it; its content stays. No container may use it any more. */
  async close(session: string): Promise<void> {
    const path = this.#mountPoint(session);
    if (await isMounted(path)) await unmount(path);
    if (existsSync(path)) await rmdir(path);
  }

  /** Null while it is not mounted. */
  async readUsage(session: string): Promise<DiskUsage | null> {
    const path = this.#mountPoint(session);
    if (!existsSync(path)) return null;
    const { blocks, bavail, bsize, files, ffree } = await statfs(path);
    return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree };
  }

  /** Deletes it with all that is on it. */
  async remove(session: string): Promise<void> {
    await unmountBelow(this.#mountPoint(session));
    if (existsSync(this.#mountPoint(session))) await rmdir(this.#mountPoint(session));
    await this.#delete(session);
  }

  /** The file appears whole, after its record. */
  async #create(session: string, template: string, labSetName: string): Promise<void> {
    await mkdir(this.#folders.files, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(this.#folders.files);
    if (bavail * bsize < FREE_BYTES_MIN)
      throw new ContainerRefusedError("disk_full", "The disk of this runner host is full.");
    const unfinished = this.#unfinished(session);
    try {
      await writeFile(this.#record(session), JSON.stringify({ labSetName }));
      await runCommand("cp", ["--sparse=always", "--reflink=auto", template, unfinished]);
      await rename(unfinished, this.#file(session));
    } catch (error) {
      await this.#delete(session);
      throw error;
    }
  }

  async #delete(session: string): Promise<void> {
    for (const path of [this.#unfinished(session), this.#file(session), this.#record(session)])
      await rm(path, { force: true });
  }

  #unfinished(session: string): string {
    return `${this.#file(session)}.new`;
  }

  #file(session: string): string {
    return join(this.#folders.files, `${session}.ext4`);
  }

  #record(session: string): string {
    return join(this.#folders.files, `${session}.json`);
  }

  #mountPoint(session: string): string {
    return join(this.#folders.mounts, session);
  }
}
