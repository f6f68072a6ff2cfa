// Reads the machine's mount table and loop devices, and mounts and unmounts below a runner host's own folders.

import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";

/** Mount points of a mountinfo table, in mount order, with its octal escapes undone. */
export function parseMountPoints(mountinfo: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const point = line.split(" ")[4];
    return point === undefined
      ? []
      : [point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
  });
}

/** Those at or below `folder`, in the order in which they can be unmounted. */
export function mountPointsBelow(points: string[], folder: string): string[] {
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`)).reverse();
}

export async function readMountPoints(): Promise<string[]> {
  return parseMountPoints(await readFile("/proc/self/mountinfo", "utf8"));
}

export async function isMounted(point: string): Promise<boolean> {
  return (await readMountPoints()).includes(point);
}

/** Binds `source` at `target`. With `readOnly` nobody can write through `target`, nor through a container's bind of it. */
export async function bindMount(source: string, target: string, access: "read-only" | "read-write"): Promise<void> {
  await runCommand("mount", ["--bind", "--make-private", source, target]);
  if (access === "read-only") await runCommand("mount", ["-o", "remount,bind,ro,nosuid,nodev", target]);
}

/** Shows `source` read-only at `target`, in place of whatever was shown there; who uses the old one keeps it. */
export async function remountReadOnly(source: string, target: string): Promise<void> {
  await unmountBelow(target);
  await bindMount(source, target, "read-only");
}

/** Mounts an image file read-only at `target` unless that is done. */
export async function mountFileSystem(type: string, file: string, target: string): Promise<void> {
  if (await isMounted(target)) return;
  await mkdir(target, { recursive: true });
  await runCommand("mount", ["-t", type, "-o", "loop,ro", file, target]);
}

export async function unmount(point: string): Promise<void> {
  await runCommand("umount", [point]);
}

/** So many in one command: starting one takes longer than unmounting. */
const UNMOUNTED_AT_ONCE = 64;

/** Unmounts everything at or below `folder`; what is busy is detached and goes when its last user ends. */
export async function unmountBelow(folder: string): Promise<void> {
  const points = mountPointsBelow(await readMountPoints(), folder);
  for (let from = 0; from < points.length; from += UNMOUNTED_AT_ONCE) {
    // What it could not do is tried one by one, and told of, below.
    await runCommand("umount", points.slice(from, from + UNMOUNTED_AT_ONCE)).catch(() => undefined);
  }
  for (const point of mountPointsBelow(await readMountPoints(), folder)) {
    try {
      await unmount(point);
    } catch (error) {
      // Gone meanwhile: unmounting one place can take others with it.
      if (!(await isMounted(point))) continue;
      await runCommand("umount", ["--lazy", point]).catch((lazy: Error) => {
        throw new AggregateError([error, lazy], `cannot unmount ${point}`, { cause: error });
      });
    }
  }
}

const DELETED = / \(deleted\)$/;

/** Loop devices whose backing file lies, or lay, below `folder`. */
export async function listLoopsBelow(folder: string): Promise<{ device: string; isFileDeleted: boolean }[]> {
  const found: { device: string; isFileDeleted: boolean }[] = [];
  for (const name of await readdir("/sys/block")) {
    if (!name.startsWith("loop")) continue;
    const backing = await readFile(join("/sys/block", name, "loop/backing_file"), "utf8").catch(() => null);
    if (backing === null || !backing.startsWith(`${folder}/`)) continue;
    found.push({ device: join("/dev", name), isFileDeleted: DELETED.test(backing.trim()) });
  }
  return found;
}

/** One that is mounted is freed when it is unmounted. */
export async function detachLoop(device: string): Promise<void> {
  await runCommand("losetup", ["--detach", device]);
}

/** Frees loop devices whose backing file lies below `folder`. */
export async function detachLoopsBelow(folder: string): Promise<void> {
  for (const { device } of await listLoopsBelow(folder)) await detachLoop(device);
}
