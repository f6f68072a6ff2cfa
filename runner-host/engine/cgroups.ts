// Owns the parent cgroup of all sessions: it leaves room for the daemon, and it finds and ends what a crashed engine left inside.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { signalProcess } from "./processes.ts";
import { MEMORY_FILES, parseSessionsMemory, type SessionsMemory } from "./sessions-memory.ts";

export const ROOT = "/sys/fs/cgroup";
const MiB = 1024 * 1024;
/** Kept back for the daemon, the engine, the edge and the database on the same machine. */
const RESERVED_MIN_BYTES = 768 * MiB;
const RESERVED_SHARE = 0.1;
const REAP_MS = 5_000;
const POLL_MS = 20;

/** Memory that all sessions of a machine may use together. */
export function sessionsMemoryBytes(machineBytes: number): number {
  return Math.max(256 * MiB, Math.floor(machineBytes - Math.max(RESERVED_MIN_BYTES, machineBytes * RESERVED_SHARE)));
}

export function isUnified(): boolean {
  return existsSync(join(ROOT, "cgroup.controllers"));
}

async function hierarchies(): Promise<string[]> {
  if (isUnified()) return [ROOT];
  return (await readdir(ROOT, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(ROOT, entry.name));
}

/** Creates the parent `/<name>` and limits its memory: to what the machine can spare unless `limitBytes` is given. */
export async function createParentCgroup(name: string, limitBytes = sessionsMemoryBytes(totalmem())): Promise<void> {
  const memoryBytes = String(limitBytes);
  if (isUnified()) {
    await writeFile(join(ROOT, "cgroup.subtree_control"), "+memory +cpu +pids");
    await mkdir(join(ROOT, name), { recursive: true });
    await writeFile(join(ROOT, name, "memory.max"), memoryBytes);
    return;
  }
  const folder = join(ROOT, "memory", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "memory.use_hierarchy"), "1").catch((error: Error) => {
    // Kernels from 5.11 on have only the hierarchical kind and refuse the write when children exist.
    process.emitWarning(`memory.use_hierarchy: ${error.message}`);
  });
  await writeFile(join(folder, "memory.limit_in_bytes"), memoryBytes);
}

/** What all sessions below the parent `name` hold now. */
export async function readSessionsMemory(name: string): Promise<SessionsMemory> {
  const kind = isUnified() ? "unified" : "separate";
  const folder = kind === "unified" ? join(ROOT, name) : join(ROOT, "memory", name);
  const files = MEMORY_FILES[kind];
  const paths = [join(folder, files.usage), join(folder, files.limit), join(folder, files.stat), "/proc/meminfo"];
  const [usage = "", limit = "", stat = "", machine = ""] = await Promise.all(
    paths.map((path) => readFile(path, "utf8")),
  );
  return parseSessionsMemory({ usage, limit, stat, machine }, kind);
}

async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => foldersBelow(join(folder, entry.name))),
  );
  return [...nested.flat(), folder];
}

/** Thaws what is frozen below the parent `/<name>`: frozen processes cannot end. */
export async function thawParentCgroup(name: string): Promise<void> {
  const [folder, file, thawed] = isUnified()
    ? [join(ROOT, name), "cgroup.freeze", "0"]
    : [join(ROOT, "freezer", name), "freezer.state", "THAWED"];
  for (const container of (await foldersBelow(folder)).filter((path) => path !== folder)) {
    await writeFile(join(container, file), thawed, { flag: "r+" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENODEV") throw error;
    });
  }
}

/** Kills every process in or below the parent `/<name>`, frozen ones too. */
export async function killParentCgroup(name: string): Promise<void> {
  await thawParentCgroup(name);
  for (const hierarchy of await hierarchies()) {
    for (const folder of await foldersBelow(join(hierarchy, name))) {
      const processes = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
      for (const pid of processes.split("\n").filter((line) => line !== "" && line !== "0"))
        signalProcess(Number(pid), "SIGKILL");
    }
  }
}

/** Names of the cgroups right below the parent `/<name>`, in any hierarchy. */
export async function listCgroups(name: string): Promise<string[]> {
  const lists = (await hierarchies()).map(async (hierarchy) =>
    readdir(join(hierarchy, name), { withFileTypes: true }).catch(() => []),
  );
  const entries = (await Promise.all(lists)).flat().filter((entry) => entry.isDirectory());
  return [...new Set(entries.map((entry) => entry.name))];
}

/** A killed process leaves its cgroup only when it has been reaped. */
async function removeWhenEmpty(folder: string): Promise<void> {
  const deadline = performance.now() + REAP_MS;
  for (;;) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "ENOENT") return;
      if (code !== "EBUSY" || performance.now() > deadline) throw error;
    }
    await delay(POLL_MS);
  }
}

/** Removes the parent `/<name>` and what is below it, once the killed processes in it are gone. */
export async function removeParentCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    if (!existsSync(join(hierarchy, name))) continue;
    for (const folder of await foldersBelow(join(hierarchy, name))) await removeWhenEmpty(folder);
  }
}
