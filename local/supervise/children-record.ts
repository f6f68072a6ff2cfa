// Keeps a file of the processes that run now, and ends those that a crashed supervisor left.

import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { z } from "zod";
import {
  isRunning,
  type ProcessIdentity,
  parseStartTicks,
  signalProcess,
  waitForEnd,
} from "../../runner-host/engine/processes.ts";
import { readJsonFile, writePrivateFileNow } from "../data-dir/private-file.ts";

const recordSchema = z.record(z.string(), z.strictObject({ pid: z.int(), startTicks: z.int(), bootId: z.string() }));
export type ChildrenRecord = z.infer<typeof recordSchema>;

const END_MS = 5_000;

export async function readChildren(path: string): Promise<ChildrenRecord> {
  const parsed = recordSchema.safeParse(await readJsonFile(path));
  return parsed.success ? parsed.data : {};
}

export class ChildrenFile {
  readonly #path: string;
  readonly #children: ChildrenRecord = {};

  constructor(path: string) {
    this.#path = path;
  }

  set(name: string, pid: number | null): void {
    const identity = pid === null ? null : identifyNow(pid);
    if (identity === null) delete this.#children[name];
    else this.#children[name] = identity;
    writePrivateFileNow(this.#path, JSON.stringify(this.#children));
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/** At once, so that no change to the file overtakes another; null for a process that ended. */
function identifyNow(pid: number): ProcessIdentity | null {
  const stat = `/proc/${pid}/stat`;
  const startTicks = existsSync(stat) ? parseStartTicks(readFileSync(stat, "utf8")) : null;
  if (startTicks === null) return null;
  return { pid, startTicks, bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() };
}

/** Ends what the record names and still runs; a pid that now belongs to another process is left alone. Returns their names. */
export async function endLeftovers(path: string): Promise<string[]> {
  const leftovers = Object.entries(await readChildren(path));
  const ended: string[] = [];
  for (const [name, identity] of leftovers) {
    if (!(await isRunning(identity))) continue;
    signalProcess(identity.pid, "SIGKILL");
    await waitForEnd(identity, END_MS);
    ended.push(name);
  }
  await rm(path, { force: true });
  return ended;
}
