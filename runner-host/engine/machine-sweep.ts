// Clears what no container of the private engine uses any more: cgroups, processes, shims and loop devices.

import { killParentCgroup, listCgroups, removeParentCgroup } from "./cgroups.ts";
import { ContainerCgroup } from "./container-cgroup.ts";
import type { Docker } from "./docker.ts";
import type { HostLayout } from "./host-layout.ts";
import { detachLoop, listLoopsBelow } from "./mounts.ts";
import { findOrphans } from "./orphans.ts";
import { signalProcess } from "./processes.ts";
import { findShims, removeShimSocket, type Shim } from "./shims.ts";

const CONTAINER_ID = /^[0-9a-f]{64}$/;

export async function sweepMachine(layout: HostLayout, docker: Docker): Promise<void> {
  const cgroups = (await listCgroups(layout.name)).filter((name) => CONTAINER_ID.test(name));
  const loops = await listLoopsBelow(layout.directory);
  const shims = await findShims(layout);
  const containers = new Set(await docker.listContainerIds());
  const orphans = findOrphans({ cgroups, shims, containers, loops });
  for (const device of orphans.loops) await detachLoop(device);
  for (const containerId of orphans.containers) {
    process.emitWarning(`What was left of container ${containerId} is ended.`);
    await endRemains(layout, containerId, shims);
  }
}

/** Ends what runs of a container that the engine does not know, or not to be running: one that died while it started it, say. */
export async function endRemains(layout: HostLayout, containerId: string, shims?: readonly Shim[]): Promise<void> {
  // containerd ends what a dead one kept, and forgets it.
  for (const shim of shims ?? (await findShims(layout)))
    if (shim.containerId === containerId) signalProcess(shim.pid, "SIGKILL");
  new ContainerCgroup(`/${layout.name}`, containerId).thaw();
  const cgroup = `${layout.name}/${containerId}`;
  await killParentCgroup(cgroup);
  await removeParentCgroup(cgroup);
  await removeShimSocket(layout, containerId);
}
