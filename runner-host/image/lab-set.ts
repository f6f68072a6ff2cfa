// Builds what all sessions share of the preloaded lab images: one read-only file system with their layers, and the Docker metadata that points into it.

import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../engine/command.ts";
import { Docker } from "../engine/docker.ts";
import { startEngine } from "../engine/engine.ts";
import { readDockerArchive } from "./docker-archive.ts";
import { BUILD_EPOCH_S } from "./recipes.ts";

const LAYERS_FILE = "layers.erofs";
/** A nested data root without its layers' files. */
export const DOCKER_TEMPLATE = "docker";

/** The folder of the set named `setName` among the images in `directory`. */
export function labSetFolder(directory: string, setName: string): string {
  return join(directory, `labs-${setName}`);
}

/** The file system with the layers of that set. */
export function labLayersFile(directory: string, setName: string): string {
  return join(labSetFolder(directory, setName), LAYERS_FILE);
}

/** Where containers see the layers of the set named `setName`. */
export function labLayersPath(setName: string): string {
  return `/opt/berth/lab-images/${setName}`;
}

const FIXED_UUID = "b7e1f5a0-0000-4000-8000-000000000001";

/**
 * Fills `folder` with LAYERS_FILE and DOCKER_TEMPLATE. A private engine unpacks the archives once, so that every file
 * already belongs to the ids that containers see, and the metadata is Docker's own.
 */
export async function buildLabSet(setName: string, archives: string[], folder: string, scratch: string): Promise<void> {
  const work = await mkdtemp(join(scratch, "labs-"));
  const engine = await startEngine({ directory: work });
  try {
    const docker = new Docker(engine.socketPath);
    for (const archive of archives) await docker.loadImage(readDockerArchive(archive));
  } finally {
    await engine.stop();
  }
  const dataRoot = join(work, "engine", `${engine.baseId}.${engine.baseId}`);
  const layers = join(work, "layers");
  await mkdir(layers);
  await mkdir(join(folder, DOCKER_TEMPLATE, "overlay2"), { recursive: true });
  await cp(join(dataRoot, "image"), join(folder, DOCKER_TEMPLATE, "image"), { recursive: true });
  await cp(join(dataRoot, "overlay2", "l"), join(folder, DOCKER_TEMPLATE, "overlay2", "l"), { recursive: true, verbatimSymlinks: true });
  for (const layer of await readdir(join(dataRoot, "overlay2"))) {
    if (layer !== "l") await shareLayer(join(dataRoot, "overlay2", layer), join(folder, DOCKER_TEMPLATE, "overlay2", layer), join(layers, layer), join(labLayersPath(setName), layer));
  }
  await runCommand("mkfs.erofs", ["-T", String(BUILD_EPOCH_S), "-U", FIXED_UUID, join(folder, LAYERS_FILE), layers]);
  await rm(work, { recursive: true });
}

/** Moves one layer's files to the shared tree and leaves its metadata, with `diff` as a link to where containers see those files. */
async function shareLayer(source: string, metadata: string, files: string, seenAt: string): Promise<void> {
  await mkdir(metadata, { mode: 0o710 });
  await rename(join(source, "diff"), files);
  await symlink(seenAt, join(metadata, "diff"));
  await writeFile(join(metadata, "link"), await readFile(join(source, "link")));
  // Marks the layer as finished; Docker would otherwise write this at the first build on top of it.
  await writeFile(join(metadata, "committed"), "");
  const lower = await stat(join(source, "lower")).catch(() => null);
  if (lower === null) return;
  await writeFile(join(metadata, "lower"), await readFile(join(source, "lower")));
  await mkdir(join(metadata, "work"), { mode: 0o700 });
}
