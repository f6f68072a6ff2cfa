// Moves a created container's writable layer onto its session disk, so that the disk's quota covers the whole tree and the layer outlives the container.

import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerPaths } from "../engine/docker.ts";
import { DISK_FOLDERS } from "./disk-layout.ts";

/** Replaces the empty layer that Docker made with links to the disk; call it between create and start. Docker removes the links, never what they lead to. */
export async function moveWritableLayer(paths: ContainerPaths, disk: string): Promise<void> {
  for (const [made, place] of [
    [paths.writableLayer, DISK_FOLDERS.layer],
    [paths.layerScratch, DISK_FOLDERS.layerScratch],
  ] as const) {
    await mkdir(join(disk, place), { recursive: true });
    await rm(made, { recursive: true });
    await symlink(join(disk, place), made);
  }
}
