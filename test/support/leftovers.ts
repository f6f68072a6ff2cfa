// Looks for what a stopped Berth must not leave on the machine: processes, mounts, loop devices, cgroups, run directories.

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hostLayout } from "../../runner-host/engine/host-layout.ts";
import { parseMountPoints } from "../../runner-host/engine/mounts.ts";

/** One line for each thing found that belongs to this data directory. */
export function findLeftovers(dataDir: string): string[] {
  const { name, run } = hostLayout(join(dataDir, "engine"));
  const isOurs = (text: string): boolean =>
    text.includes(`${dataDir}/`) || text.includes(`${run}/`) || text.includes(`/${name}/`);
  return [
    ...findProcesses(isOurs),
    ...parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8"))
      .filter((point) => isOurs(`${point}/`))
      .map((point) => `mount ${point}`),
    ...findLoopDevices(isOurs),
    ...findCgroups(name),
    ...(existsSync(run) ? [`directory ${run}`] : []),
  ];
}

function findProcesses(isOurs: (text: string) => boolean): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const commandLine = readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    return isOurs(commandLine) || isOurs(readCwd(pid)) ? [`process ${pid} ${commandLine}`] : [];
  });
}

function readCwd(pid: string): string {
  try {
    return `${readlinkSync(`/proc/${pid}/cwd`)}/`;
  } catch {
    // It ended meanwhile, or is one of the kernel's own.
    return "";
  }
}

function findLoopDevices(isOurs: (text: string) => boolean): string[] {
  return readdirSync("/sys/block").flatMap((device) => {
    const file = readOr(`/sys/block/${device}/loop/backing_file`).trim();
    return file !== "" && isOurs(file) ? [`loop device ${device} on ${file}`] : [];
  });
}

function findCgroups(name: string): string[] {
  const root = "/sys/fs/cgroup";
  const folders = [join(root, name), ...readdirSync(root).map((hierarchy) => join(root, hierarchy, name))];
  return folders.filter((folder) => existsSync(folder)).map((folder) => `cgroup ${folder}`);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone since it was listed, or no loop device.
    return "";
  }
}
