// Identifies processes across restarts (pid and start time), waits for their end and finds what a crashed engine left running.

import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface ProcessIdentity {
  pid: number;
  /** Field 22 of /proc/<pid>/stat: with the boot id it makes a pid unmistakable. */
  startTicks: number;
  bootId: string;
}

const POLL_MS = 20;

/**
 * Start time in ticks since boot; null for a process that has ended but for its parent. A zombie leader whose other threads
 * still give back memory has not: it still holds its sockets.
 */
export function parseStartTicks(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const threads = Number(fields[17]);
  if (fields[0] === "X" || (fields[0] === "Z" && threads <= 1)) return null;
  const ticks = Number(fields[19]);
  return Number.isSafeInteger(ticks) ? ticks : null;
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  const startTicks = stat === null ? null : parseStartTicks(stat);
  if (startTicks === null) return null;
  return { pid, startTicks, bootId: (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim() };
}

/** The hard limit on open files, of a /proc/<pid>/limits table. */
export function parseOpenFilesMax(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Sends the signal if the process is still there. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** True when the process ended within `withinMs`. */
export async function waitForEnd(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (await isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

const KILL_MS = 15_000;

/** Kills them all and waits until they are gone. */
export async function endProcesses(processes: readonly ProcessIdentity[]): Promise<void> {
  for (const { pid } of processes) signalProcess(pid, "SIGKILL");
  for (const one of processes) await waitForEnd(one, KILL_MS);
}

/** Those without which containers live on, and those that hold one container each. */
export const ENGINE_DAEMONS: readonly string[] = ["dockerd", "containerd"];
const ENGINE_PROGRAMS: readonly string[] = [...ENGINE_DAEMONS, "containerd-shim-runc-v2", "runc", "docker-proxy"];

/** An engine's processes: its programs with an argument that is `path` or lies below it (`--flag=path` too). */
export async function findEngineProcesses(path: string, programs = ENGINE_PROGRAMS): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    const [program = "", ...rest] = line.split("\0");
    if (!programs.includes(basename(program))) continue;
    const isNaming = rest.some((argument) => {
      const value = argument.startsWith("-") ? argument.slice(argument.indexOf("=") + 1) : argument;
      return value === path || value.startsWith(`${path}/`);
    });
    if (!isNaming) continue;
    const identity = await identifyProcess(Number(entry));
    if (identity !== null) found.push(identity);
  }
  return found;
}
