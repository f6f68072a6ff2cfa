// What an attack from a container must not change on the machine, and how it is read: from outside, of the kernel itself.

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { HostLayout } from "../../runner-host/engine/host-layout.ts";

const CGROUPS = "/sys/fs/cgroup";

/** Those that would let an attacker run as the machine, hide there or stop it. */
const SETTINGS = [
  ...[
    "core_pattern",
    "core_uses_pid",
    "modprobe",
    "hotplug",
    "poweroff_cmd",
    "hostname",
    "domainname",
    "panic",
    "sysrq",
  ],
  ...["randomize_va_space", "kptr_restrict", "dmesg_restrict", "perf_event_paranoid", "unprivileged_bpf_disabled"],
  ...["modules_disabled", "shmmax", "msgmax", "printk", "ctrl-alt-del", "panic_on_oops", "numa_balancing"],
].map((name) => `kernel/${name}`);
const MORE_SETTINGS = [
  ...["vm/overcommit_memory", "vm/nr_hugepages", "vm/swappiness", "vm/panic_on_oom", "vm/mmap_min_addr"],
  ...["fs/suid_dumpable", "fs/protected_symlinks", "fs/protected_hardlinks", "fs/nr_open", "fs/mount-max"],
  ...["net/core/bpf_jit_enable", "net/core/somaxconn", "net/ipv4/conf/all/rp_filter", "net/ipv4/tcp_syncookies"],
];
const KERNEL_FILES = [
  "/sys/kernel/uevent_helper",
  "/sys/kernel/mm/transparent_hugepage/enabled",
  "/sys/kernel/profiling",
];

const LIMIT_FILES = [
  ...["memory.limit_in_bytes", "memory.max", "memory.swap.max", "pids.max", "cpu.cfs_quota_us", "cpu.cfs_period_us"],
  ...["cpu.max", "devices.list", "cpuset.cpus", "freezer.state", "cgroup.freeze"],
];

export interface ClockStart {
  wallMs: number;
  monotonicMs: number;
}

export function startClock(): ClockStart {
  return { wallMs: Date.now(), monotonicMs: performance.now() };
}

export function readOr(path: string, otherwise: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : otherwise;
}

/** By name, so that a difference names what was changed. */
export function readMachine(layout: HostLayout, clock: ClockStart): Record<string, string> {
  const settings = [...SETTINGS, ...MORE_SETTINGS].map((name) => join("/proc/sys", name));
  const drift = Date.now() - clock.wallMs - (performance.now() - clock.monotonicMs);
  return {
    ...Object.fromEntries([...settings, ...KERNEL_FILES].map((path) => [path, readOr(path, "absent")])),
    "clock stands where it should": String(Math.abs(drift) < 5_000),
    modules: readOr("/proc/modules", ""),
    swaps: readOr("/proc/swaps", ""),
    interfaces: readdirSync("/sys/class/net").sort().join(" "),
    mounts: readMounts(layout.run),
    "agent's folder": readdirSync(layout.agent).sort().join(" "),
    sockets: readFolders(layout.sockets),
    "lab layers": readFolders(layout.labImages),
  };
}

/** Points and options of everything mounted in this host's run directory, but for what a container's start adds there. */
function readMounts(run: string): string {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , , , point = ""]) => point.startsWith(run) && !point.includes("/overlay2/"))
    .map(([, , root, , point, options]) => `${point} ${root} ${options}`)
    .join("\n");
}

/** Names, kinds, owners and inodes, two levels deep. */
function readFolders(folder: string): string {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => [name, ...readdirSync(join(folder, name)).map((entry) => join(name, entry))])
    .map((name) => {
      const { ino, mode, uid } = lstatSync(join(folder, name));
      return `${name} ${ino} ${mode.toString(8)} ${uid}`;
    })
    .join("\n");
}

/** Folders of a process' cgroups, in every hierarchy that counts it. */
export function cgroupFolders(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cgroup`, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return join(CGROUPS, controllers.replace("name=", ""), path);
    })
    .filter((folder) => existsSync(folder));
}

/** The first of these files that a process' cgroups have. */
export function cgroupFile(pid: number, ...names: string[]): string {
  const path = cgroupFolders(pid)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no cgroup of ${pid} has ${names.join(" or ")}`);
  return path;
}

export function readCgroup(pid: number, ...names: string[]): string {
  return readFileSync(cgroupFile(pid, ...names), "utf8").trim();
}

/** Every limit that the machine keeps for a container. */
export function readLimits(pid: number): Record<string, string> {
  const files = cgroupFolders(pid).flatMap((folder) => LIMIT_FILES.map((name) => join(folder, name)));
  return Object.fromEntries(files.filter((path) => existsSync(path)).map((path) => [path, readOr(path, "")]));
}

/** Processes of the whole machine whose command line contains `marker`. */
export function findProcesses(marker: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readCommandLine(pid).includes(marker))
    .map(Number);
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // It ended since it was listed.
    return "";
  }
}

/** Which `kind` of namespace a process is in, as the kernel numbers it. */
export function namespaceOf(pid: number | "self", kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}
