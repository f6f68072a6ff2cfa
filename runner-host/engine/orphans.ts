// Decides what on the machine belongs to no container any more; pure.

import type { Shim } from "./shims.ts";

export interface MachineTraces {
  /** Cgroups below the sessions' parent: one for each running container, by its id. Looked at before `containers`. */
  readonly cgroups: readonly string[];
  /** Keepers of one container each. Looked at before `containers` too. */
  readonly shims: readonly Shim[];
  /** Every container that the engine knows, running or not. */
  readonly containers: ReadonlySet<string>;
  /** Loop devices on this host's disks. */
  readonly loops: readonly { readonly device: string; readonly isFileDeleted: boolean }[];
}

export interface MachineOrphans {
  /** Ids of containers that the engine has forgotten and of which something runs. */
  readonly containers: string[];
  readonly loops: string[];
}

export function findOrphans({ cgroups, shims, containers, loops }: MachineTraces): MachineOrphans {
  // A container is known to the engine before it has a cgroup or a keeper.
  const traced = new Set([...cgroups, ...shims.map(({ containerId }) => containerId)]);
  return {
    containers: [...traced].filter((id) => !containers.has(id)),
    // Nothing can be mounted from it again; what is still mounted keeps it until it is unmounted.
    loops: loops.filter(({ isFileDeleted }) => isFileDeleted).map(({ device }) => device),
  };
}
