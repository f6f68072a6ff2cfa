// Reads what the sessions of a host take of what they share: memory, and pseudo-terminals, which the kernel counts for the machine.

import { readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { containerLimits } from "../container/container-limits.ts";
import { isUnified, readSessionsMemory, ROOT } from "./cgroups.ts";
import type { SharedUse as SharedUseContract } from "./container-engine.ts";
import type { SessionsMemory } from "./sessions-memory.ts";
import {
  areTerminalsShort,
  findChargedHog,
  findOpenHog,
  type TerminalHolder,
  withoutProcesses,
} from "./terminal-hog.ts";

const TERMINALS = "/proc/sys/kernel/pty";
/** Open files of one container that are looked at; the work must stay bounded whatever it opens. */
const SAMPLE = 512;

export class SharedUse implements SharedUseContract {
  /** The cgroup of all sessions. */
  readonly #parent: string;

  constructor(parent: string) {
    this.#parent = parent;
  }

  readMemory(): Promise<SessionsMemory> {
    return readSessionsMemory(this.#parent);
  }

  async findTerminalHog(): Promise<string | null> {
    const [taken, most] = await Promise.all(["nr", "max"].map((name) => readNumber(join(TERMINALS, name))));
    if (taken === undefined || most === undefined || !areTerminalsShort(taken, most)) return null;
    const folder = isUnified() ? join(ROOT, this.#parent) : join(ROOT, "memory", this.#parent);
    const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const holders: TerminalHolder[] = [];
    for (const { name } of entries) holders.push(await readHolder(folder, name));
    return findOpenHog(taken, holders) ?? (await findHiddenHog(folder, taken, holders));
  }
}

/**
 * Some kernels charge with the rest what they keep of files and folders that were looked at, 100 MB of a large project, and would take
 * back at once: whoever is suspected is charged anew without it. Whoever is still charged most is the one.
 */
async function findHiddenHog(
  folder: string,
  taken: number,
  holders: readonly TerminalHolder[],
): Promise<string | null> {
  const charged = new Map(holders.map((holder) => [holder.container, holder]));
  const judged = new Set<string>();
  for (;;) {
    const suspect = findChargedHog(taken, [...charged.values()]);
    const holder = suspect === null ? undefined : charged.get(suspect);
    if (holder === undefined || judged.has(holder.container)) return suspect;
    judged.add(holder.container);
    const cgroup = join(folder, holder.container);
    await giveBackCaches(cgroup);
    charged.set(holder.container, {
      ...holder,
      kernelBytes: await readKernelBytes(cgroup, (await listProcesses(cgroup)).length),
    });
  }
}

/** The unified hierarchy tells them apart. What is in use stays. */
async function giveBackCaches(cgroup: string): Promise<void> {
  if (!isUnified()) await writeFile(join(cgroup, "memory.force_empty"), "0", { flag: "r+" }).catch(() => undefined);
}

async function readHolder(folder: string, container: string): Promise<TerminalHolder> {
  const cgroup = join(folder, container);
  const pids = await listProcesses(cgroup);
  const [terminals, kernelBytes] = await Promise.all([estimateTerminals(pids), readKernelBytes(cgroup, pids.length)]);
  return { container, terminals, kernelBytes };
}

/** Samples as many numbers of each process as its part of all open files asks for; most programs number them without gaps. */
async function estimateTerminals(pids: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    pids.map(async (pid) => {
      // The size of this folder is the number of open files (Linux 6.2 and later).
      return { pid, files: (await stat(`/proc/${pid}/fd`).catch(() => null))?.size ?? 0 };
    }),
  );
  const files = counts.reduce((sum, one) => sum + one.files, 0);
  let looked = 0;
  let masters = 0;
  for (const one of counts) {
    const share = Math.ceil((SAMPLE * one.files) / Math.max(1, files));
    const step = Math.max(1, Math.floor(one.files / share));
    for (let number = 0; number < one.files && looked < 2 * SAMPLE; number += step) {
      const target = await readlink(`/proc/${one.pid}/fd/${number}`).catch(() => null);
      if (target === null) continue;
      looked++;
      if (target.endsWith("/ptmx")) masters++;
    }
  }
  return looked === 0 ? 0 : Math.round((files * masters) / looked);
}

/** Its own and those of cgroups that its nested Docker has made. */
async function listProcesses(cgroup: string, depth = 0): Promise<string[]> {
  const text = await readFile(join(cgroup, "cgroup.procs"), "utf8").catch(() => "");
  const own = text.split("\n").filter((line) => line !== "");
  if (depth > 2) return own;
  const below = (await readdir(cgroup, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isDirectory());
  for (const { name } of below) own.push(...(await listProcesses(join(cgroup, name), depth + 1)));
  return own.slice(0, containerLimits.pids);
}

async function readKernelBytes(cgroup: string, processes: number): Promise<number> {
  if (!isUnified()) return withoutProcesses(await readNumber(join(cgroup, "memory.kmem.usage_in_bytes")), processes);
  const text = await readFile(join(cgroup, "memory.stat"), "utf8").catch(() => "");
  return Number(/^slab_unreclaimable (\d+)/m.exec(text)?.[1] ?? 0);
}

/** 0 for a file that is not there. */
async function readNumber(path: string): Promise<number> {
  const value = Number(await readFile(path, "utf8").catch(() => "0"));
  return Number.isFinite(value) ? value : 0;
}
