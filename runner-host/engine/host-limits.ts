// Owns the machine-wide kernel limits that all sessions share: raised, never lowered, when the engine starts, so that one session cannot use up another's.

import { readFile, writeFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { runCommand } from "./command.ts";

export interface HostLimit {
  /** As sysctl names it. */
  name: string;
  atLeast: number;
  /** The kernel reads 0 as no limit. */
  isZeroUnlimited?: boolean;
}

/** What it counts is charged to the memory of whoever makes it, so that the container's memory limit becomes the bound. */
const CHARGED = 2 ** 30;

/** A pseudo-terminal costs 28 KiB, of which only 3.5 KiB are charged to the container (6.18): the machine's memory has to bound them. */
const PTY_BYTES = 28 * 1024;
/** Half of what cgroups.ts keeps back from sessions. */
const PTY_MEMORY_SHARE = 0.05;
/** 130 sessions with eight terminals, and as many again in nested containers; the kernel keeps 1,024 of it for the machine itself. */
const PTYS_MIN = 8_192;
/** What the kernel can number. */
const PTYS_MAX = 2 ** 20;

export function ptysMax(machineBytes: number): number {
  return Math.min(PTYS_MAX, Math.max(PTYS_MIN, Math.floor((machineBytes * PTY_MEMORY_SHARE) / PTY_BYTES)));
}

/** The limits that sessions share, with the least that each must be. */
export function hostLimits(machineBytes: number): HostLimit[] {
  return [
    { name: "kernel.pty.max", atLeast: ptysMax(machineBytes) },
    // All containers' root is one user here and each start of a container takes two keys; what root itself may have.
    { name: "kernel.keys.maxkeys", atLeast: 1_000_000 },
    { name: "kernel.keys.maxbytes", atLeast: 25_000_000 },
    // Charged to the user who made the user namespace: the machine's root, for all sessions together and for itself.
    { name: "fs.inotify.max_user_instances", atLeast: CHARGED },
    { name: "fs.inotify.max_user_watches", atLeast: CHARGED },
    // The engine's user makes every container's first ones; inside, container/namespace-limits.ts bounds each session.
    ...["cgroup", "ipc", "mnt", "pid", "time", "user", "uts"].map((kind) => {
      return { name: `user.max_${kind}_namespaces`, atLeast: 2 ** 16 };
    }),
    // Counted per user, and a learner of one session is the same user as a learner of every other.
    { name: "fs.epoll.max_user_watches", atLeast: CHARGED },
    { name: "fs.pipe-user-pages-soft", atLeast: 0, isZeroUnlimited: true },
    { name: "fs.pipe-user-pages-hard", atLeast: 0, isZeroUnlimited: true },
    // Counted for the whole machine.
    { name: "fs.file-max", atLeast: CHARGED },
    { name: "fs.aio-max-nr", atLeast: CHARGED },
    // Each session may have containerLimits.pids; the largest that 64-bit kernels take.
    { name: "kernel.pid_max", atLeast: 4_194_304 },
    { name: "kernel.threads-max", atLeast: 4_194_304 },
  ];
}

/** Those of `limits` that are lower now; a limit that this kernel does not have (null) is none. */
export function findTooLow(limits: HostLimit[], now: ReadonlyMap<string, number | null>): HostLimit[] {
  return limits.filter(({ name, atLeast, isZeroUnlimited = false }) => {
    const value = now.get(name) ?? null;
    if (value === null) return false;
    return isZeroUnlimited ? value !== 0 && (atLeast === 0 || value < atLeast) : value < atLeast;
  });
}

/** One sentence for limits that could not be raised, or null when there are none. */
export function describeTooLow(left: HostLimit[]): string | null {
  if (left.length === 0) return null;
  const settings = left.map(({ name, atLeast }) => `${name}=${atLeast}`).join(" ");
  return `One session can take from the others what these kernel limits leave, and they cannot be raised from here; set them on the machine itself with: sysctl -w ${settings}.`;
}

function limitPath(name: string): string {
  return join("/proc/sys", name.replaceAll(".", "/"));
}

async function readLimits(limits: HostLimit[]): Promise<Map<string, number | null>> {
  const values = limits.map(async ({ name }): Promise<[string, number | null]> => {
    const text = await readFile(limitPath(name), "utf8").catch(() => null);
    return [name, text === null ? null : Number(text)];
  });
  return new Map(await Promise.all(values));
}

/** Raises what is too low; returns a sentence about what stayed so, fit to be printed as it is. */
export async function raiseHostLimits(limits = hostLimits(totalmem())): Promise<string | null> {
  const left: HostLimit[] = [];
  for (const limit of findTooLow(limits, await readLimits(limits))) {
    await writeFile(limitPath(limit.name), String(limit.atLeast)).catch(() => left.push(limit));
  }
  return describeTooLow(left);
}

/**
 * The kernel counts these for all sessions together, against what the maker of their user namespaces may have: the engine.
 * What they count is charged to a container's memory, and container-spec.ts gives each user in it limits of their own.
 */
const LIFTING = ["prlimit", "--sigpending=unlimited", "--msgqueue=unlimited", "--memlock=unlimited"] as const;

/** A command line to put before the engine's, or nothing where even root may not lift its limits (no CAP_SYS_RESOURCE). */
export async function liftEngineLimits(): Promise<readonly string[]> {
  const [program, ...args] = LIFTING;
  return runCommand(program, [...args, "true"]).then(
    () => LIFTING,
    () => [],
  );
}
