// Owns what a machine must offer before the engine can start, and the one sentence for each thing that is missing.

import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";

export interface HostFacts {
  isLinux: boolean;
  isRoot: boolean;
  missingPrograms: string[];
  userNamespacesMax: number;
  filesystems: Set<string>;
  hasLoopDevices: boolean;
  cgroupControllers: Set<string>;
}

/** A reason why no engine can run here, fit to be printed as it is. */
export class HostUnfitError extends Error {
  override readonly name = "HostUnfitError";
}

const PROGRAMS = [
  "dockerd",
  "containerd",
  "runc",
  "unshare",
  "nsenter",
  "prlimit",
  "mount",
  "umount",
  "losetup",
  "mkfs.ext4",
  "mkfs.erofs",
  "useradd",
  "usermod",
];
const FILESYSTEMS = ["overlay", "erofs", "ext4"];
const CONTROLLERS = ["memory", "cpu", "pids"];

/** The first thing that is missing, or null when an engine can run. */
export function findUnfitness(facts: HostFacts): string | null {
  if (!facts.isLinux)
    return "Session containers need Linux; start with --without-runner to use this machine without them.";
  if (!facts.isRoot) return "Session containers need root: run npm start as root, or with --without-runner.";
  if (facts.missingPrograms.length > 0) {
    return `These programs are missing: ${facts.missingPrograms.join(", ")}; install the Debian packages that npm start names.`;
  }
  if (facts.userNamespacesMax === 0) {
    return "This kernel has user namespaces switched off; set user.max_user_namespaces above 0 with sysctl.";
  }
  const missing = FILESYSTEMS.filter((name) => !facts.filesystems.has(name));
  if (missing.length > 0)
    return `This kernel has no support for ${missing.join(" and ")}; load the module or use a stock Debian kernel.`;
  if (!facts.hasLoopDevices) return "This kernel has no loop devices; load the loop module (modprobe loop).";
  const controllers = CONTROLLERS.filter((name) => !facts.cgroupControllers.has(name));
  if (controllers.length > 0)
    return `The cgroup controllers ${controllers.join(", ")} are not available; mount /sys/fs/cgroup with them.`;
  return null;
}

/** Controllers usable here: the v2 root's list, else the mounted v1 hierarchies. */
export function parseControllers(cgroupTable: string, unified: string | null): Set<string> {
  if (unified !== null) return new Set(unified.trim().split(/\s+/));
  const rows = cgroupTable.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Set(
    rows
      .map((row) => row.split(/\s+/))
      .flatMap(([name, hierarchy, , enabled]) => (name && hierarchy !== "0" && enabled === "1" ? [name] : [])),
  );
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function readOr(path: string, otherwise: string): Promise<string> {
  return (await isReadable(path)) ? readFile(path, "utf8") : otherwise;
}

async function findMissingPrograms(): Promise<string[]> {
  const folders = [...new Set([...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])];
  const missing: string[] = [];
  for (const program of PROGRAMS) {
    const found = await Promise.all(folders.map((folder) => isReadable(join(folder, program))));
    if (!found.includes(true)) missing.push(program);
  }
  return missing;
}

async function readFilesystems(): Promise<Set<string>> {
  const names = (await readFile("/proc/filesystems", "utf8")).split("\n").map((line) => line.split("\t")[1] ?? "");
  return new Set(names);
}

async function loadModules(names: string[]): Promise<void> {
  for (const name of names) {
    await runCommand("modprobe", ["--quiet", name]).catch((error: Error) => {
      // A kernel without modules has no modprobe; the facts read afterwards decide.
      process.emitWarning(`modprobe ${name}: ${error.message}`);
    });
  }
}

export async function readHostFacts(): Promise<HostFacts> {
  if (process.platform !== "linux") {
    return {
      isLinux: false,
      isRoot: false,
      missingPrograms: [],
      userNamespacesMax: 0,
      filesystems: new Set(),
      hasLoopDevices: false,
      cgroupControllers: new Set(),
    };
  }
  const unified = "/sys/fs/cgroup/cgroup.controllers";
  return {
    isLinux: true,
    isRoot: process.getuid?.() === 0,
    missingPrograms: await findMissingPrograms(),
    userNamespacesMax: Number(await readOr("/proc/sys/user/max_user_namespaces", "0")),
    filesystems: await readFilesystems(),
    hasLoopDevices: await isReadable("/dev/loop-control"),
    cgroupControllers: parseControllers(
      await readOr("/proc/cgroups", ""),
      (await isReadable(unified)) ? await readFile(unified, "utf8") : null,
    ),
  };
}

/** Throws HostUnfitError with one sentence; loads kernel modules that are merely not loaded yet. */
export async function requireFitHost(): Promise<void> {
  let facts = await readHostFacts();
  const absent = FILESYSTEMS.filter((name) => !facts.filesystems.has(name));
  if (facts.isLinux && facts.isRoot && (absent.length > 0 || !facts.hasLoopDevices)) {
    await loadModules(facts.hasLoopDevices ? absent : [...absent, "loop"]);
    facts = await readHostFacts();
  }
  const reason = findUnfitness(facts);
  if (reason !== null) throw new HostUnfitError(reason);
}
