// Makes what a private engine needs on the machine (folders, mounts, the sessions' cgroup), tells whether it is all there still, and clears what an engine left.

import { chmod, mkdir, rm } from "node:fs/promises";
import { killParentCgroup, removeParentCgroup } from "./cgroups.ts";
import { type HostLayout, hostLayout } from "./host-layout.ts";
import { bindMount, detachLoopsBelow, mountPointsBelow, readMountPoints, unmountBelow } from "./mounts.ts";
import { endProcesses, findEngineProcesses } from "./processes.ts";
import { removeShimSockets } from "./shims.ts";

export async function prepareDirectories(layout: HostLayout): Promise<void> {
  await mkdir(layout.directory, { recursive: true });
  // Remapped root must pass through, and may not list.
  await chmod(layout.directory, 0o711);
  await mkdir(layout.run, { recursive: true, mode: 0o711 });
  await chmod(layout.run, 0o711);
  // A private mount of its own: what is mounted below it shows up nowhere else, where it could be left behind.
  await bindMount(layout.run, layout.run, "read-write");
  for (const folder of [
    layout.state,
    layout.disks,
    layout.sockets,
    layout.socketViews,
    layout.agent,
    layout.labImages,
  ]) {
    await mkdir(folder, { mode: 0o711 });
  }
  await bindMount(layout.directory, layout.state, "read-write");
  await bindMount(layout.sockets, layout.socketViews, "read-only");
}

/** Whether what prepareDirectories made is still mounted: a machine that was switched off has lost it. */
export async function isPrepared(layout: HostLayout): Promise<boolean> {
  const points = await readMountPoints();
  return [layout.run, layout.state, layout.socketViews].every((point) => points.includes(point));
}

/** Ends and removes what an engine of this directory left behind without stopping, its containers too; its state stays. */
export async function cleanLeftovers(directory: string): Promise<void> {
  const layout = hostLayout(directory);
  await endProcesses(await findEngineProcesses(layout.run));
  await killParentCgroup(layout.name);
  await removeShimSockets(layout);
  await unmountBelow(layout.run);
  await detachLoopsBelow(layout.directory);
  await removeParentCgroup(layout.name);
  // With something still mounted, deleting would reach what lasts.
  const remaining = mountPointsBelow(await readMountPoints(), layout.run);
  if (remaining.length === 0) await rm(layout.run, { recursive: true, force: true });
}
