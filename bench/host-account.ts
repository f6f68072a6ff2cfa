// Reads what sessions cost their machine in memory: what the kernel charges to them, what serves them outside, and what is left.

import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hostLayout } from "../runner-host/engine/host-layout.ts";
import type { Stack } from "../test/support/stack.ts";

const CGROUPS = "/sys/fs/cgroup";
const KIB = 1024;

export interface HostMemory {
  /** Charged to the cgroup of all sessions: their processes, files and most of the kernel's own. */
  readonly sessionsKib: number;
  /** Of the engine, its shims, the daemon and the edge, shared pages divided among those who share them. */
  readonly serversKib: number;
  /** What the machine could still give: the only figure that misses nothing, and takes in what others do meanwhile. */
  readonly availableKib: number;
}

/** [usage, limit] of the sessions' parent cgroup, as files of this machine's kind of cgroups. */
function cgroupFiles(stack: Stack): readonly [string, string] {
  const { name } = hostLayout(join(stack.dataDir, "engine"));
  const unified = join(CGROUPS, name);
  if (existsSync(unified)) return [join(unified, "memory.current"), join(unified, "memory.max")];
  const folder = join(CGROUPS, "memory", name);
  return [join(folder, "memory.usage_in_bytes"), join(folder, "memory.limit_in_bytes")];
}

/** Whether the kernel still has a session's cgroup. */
export async function holdsSessions(stack: Stack): Promise<boolean> {
  const entries = await readdir(dirname(cgroupFiles(stack)[0]), { withFileTypes: true });
  return entries.some((entry) => entry.isDirectory());
}

/** Gives all sessions together no more than this. */
export async function limitSessions(stack: Stack, bytes: number): Promise<void> {
  await writeFile(cgroupFiles(stack)[1], String(bytes));
}

export async function readHostMemory(stack: Stack): Promise<HostMemory> {
  const [usage] = cgroupFiles(stack);
  const { run } = hostLayout(join(stack.dataDir, "engine"));
  const children = Object.values(await stack.children()).map(({ pid }) => pid);
  const servers = [...new Set([...children, ...(await findProcesses(run))])];
  const shares = await Promise.all(servers.map(readShareKib));
  return {
    sessionsKib: Number(await readFile(usage, "utf8")) / KIB,
    serversKib: shares.reduce((sum, share) => sum + share, 0),
    availableKib: readField(await readFile("/proc/meminfo", "utf8"), "MemAvailable"),
  };
}

/** Those whose command line names `folder`: the engine's own. */
async function findProcesses(folder: string): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const named = pids.map(async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.includes(folder) ? [pid] : [];
  });
  return (await Promise.all(named)).flat();
}

/** 0 for a process that has ended. */
async function readShareKib(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return rollup === "" ? 0 : readField(rollup, "Pss");
}

function readField(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
  if (found === null) throw new Error(`the kernel does not say ${name}`);
  return Number(found[1]);
}
