// Moves a created container's writable layer onto its session disk, so that the disk's quota covers the whole tree and the layer outlives the container.

import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerPaths } from "../engine/docker.ts";
import { DISK_FOLDERS } from "./disk-layout.ts";

/**
 * Replaces the empty layer that Docker made with links to the disk, unless that is done; call it before each start: whoever
 * made the container may have ended before it got there. Docker removes the links, never what they lead to.
 */
export async function moveWritableLayer(paths: ContainerPaths, disk: string): Promise<void> {
  for (const [made, place] of [
    [paths.writableLayer, DISK_FOLDERS.layer],
    [paths.layerScratch, DISK_FOLDERS.layerScratch],
  ] as const) {
    const target = join(disk, place);
    await mkdir(target, { recursive: true });
    if ((await readLink(made)) === target) continue;
    await rm(made, { recursive: true, force: true });
    await symlink(target, made);
  }
}

/** Null for what is no link, or not there. */
async function readLink(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EINVAL" || error.code === "ENOENT")) return null;
    throw error;
  }
}
