// Clears cgroups and loop devices that no container of the private engine uses any more.

import { killParentCgroup, listCgroups, removeParentCgroup } from "./cgroups.ts";
import { ContainerCgroup } from "./container-cgroup.ts";
import type { Docker } from "./docker.ts";
import type { HostLayout } from "./host-layout.ts";
import { detachLoop, listLoopsBelow } from "./mounts.ts";
import { findOrphans } from "./orphans.ts";
import { signalProcess } from "./processes.ts";
import { findShims, removeShimSocket } from "./shims.ts";

const CONTAINER_ID = /^[0-9a-f]{64}$/;

export async function sweepMachine(layout: HostLayout, docker: Docker): Promise<void> {
  const cgroups = (await listCgroups(layout.name)).filter((name) => CONTAINER_ID.test(name));
  const loops = await listLoopsBelow(layout.directory);
  const shims = await findShims(layout);
  const containers = new Set(await docker.listContainerIds());
  const orphans = findOrphans({ cgroups, shims, containers, loops });
  for (const device of orphans.loops) await detachLoop(device);
  // containerd ends what a dead one kept.
  for (const { pid } of orphans.shims) signalProcess(pid, "SIGKILL");
  for (const id of orphans.cgroups) {
    process.emitWarning(`What was left of container ${id} is ended.`);
    new ContainerCgroup(`/${layout.name}`, id).thaw();
    await killParentCgroup(`${layout.name}/${id}`);
    await removeParentCgroup(`${layout.name}/${id}`);
    await removeShimSocket(layout, id);
  }
}
