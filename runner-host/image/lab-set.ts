// Builds what all sessions share of the preloaded lab images: one read-only file system with their layers, and the Docker metadata that points into it.

import { cp, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../engine/command.ts";
import { Docker } from "../engine/docker.ts";
import { startEngine } from "../engine/engine.ts";
import { readDockerArchive } from "./docker-archive.ts";
import { type Layer, linkName, lowerLayers } from "./layer-metadata.ts";
import { BUILD_EPOCH_S } from "./recipes.ts";

const LAYERS_FILE = "layers.erofs";
/** A nested data root without its layers' files. */
export const DOCKER_TEMPLATE = "docker";

const FIXED_UUID = "b7e1f5a0-0000-4000-8000-000000000001";

/** The folder of the set named `setName` among the images. */
export function labSetFolderName(setName: string): string {
  return `labs-${setName}`;
}

/** The file system with the layers of that set. */
export function labLayersFile(imagesDirectory: string, setName: string): string {
  return join(imagesDirectory, labSetFolderName(setName), LAYERS_FILE);
}

/** Where containers see the layers of the set named `setName`. */
export function labLayersPath(setName: string): string {
  return `/opt/berth/lab-images/${setName}`;
}

/**
 * Makes a folder with LAYERS_FILE and DOCKER_TEMPLATE below `scratch`. A private engine unpacks the archives once, so that
 * every file already belongs to the ids that containers see, and the metadata is Docker's own but for the layers' names.
 */
export async function buildLabSet(setName: string, archives: string[], scratch: string): Promise<string> {
  const engineDirectory = join(scratch, "engine");
  const engine = await startEngine({ directory: engineDirectory });
  try {
    const docker = new Docker(engine.socketPath);
    for (const archive of archives) await docker.loadImage(readDockerArchive(archive));
  } finally {
    await engine.stop();
  }
  const dataRoot = join(engineDirectory, "engine", `${engine.baseId}.${engine.baseId}`);
  const set = join(scratch, "set");
  const template = join(set, DOCKER_TEMPLATE);
  const shared = join(scratch, "layers");
  await mkdir(shared);
  await mkdir(join(template, "overlay2", "l"), { recursive: true });
  await cp(join(dataRoot, "image"), join(template, "image"), { recursive: true });
  const layers = await renameLayers(join(template, "image/overlay2/layerdb/sha256"));
  for (const [unpackedAs, layer] of layers) {
    await rename(join(dataRoot, "overlay2", unpackedAs, "diff"), join(shared, layer.chainId));
    await writeLayer(
      join(template, "overlay2"),
      layer,
      lowerLayers(layer, [...layers.values()]),
      join(labLayersPath(setName), layer.chainId),
    );
  }
  await runCommand("mkfs.erofs", ["-T", String(BUILD_EPOCH_S), "-U", FIXED_UUID, join(set, LAYERS_FILE), shared]);
  return set;
}

/** Docker names unpacked layers at random; naming them by content lets disks made from another build of the set go on. */
async function renameLayers(layerdb: string): Promise<Map<string, Layer>> {
  const layers = new Map<string, Layer>();
  for (const chainId of (await readdir(layerdb)).sort()) {
    const cacheIdFile = join(layerdb, chainId, "cache-id");
    const unpackedAs = await readFile(cacheIdFile, "utf8");
    const files = await readdir(join(layerdb, chainId));
    const parent = files.includes("parent") ? await readFile(join(layerdb, chainId, "parent"), "utf8") : null;
    await writeFile(cacheIdFile, chainId);
    layers.set(unpackedAs, { chainId, parentChainId: parent?.replace(/^sha256:/, "") ?? null });
  }
  return layers;
}

/** One layer as overlay2 keeps it, with `diff` as a link to where containers see its files. */
async function writeLayer(overlay: string, layer: Layer, lower: string | null, seenAt: string): Promise<void> {
  const folder = join(overlay, layer.chainId);
  await mkdir(folder, { mode: 0o710 });
  await symlink(seenAt, join(folder, "diff"));
  await symlink(`../${layer.chainId}/diff`, join(overlay, "l", linkName(layer.chainId)));
  await writeFile(join(folder, "link"), linkName(layer.chainId));
  // Marks the layer as finished; Docker would otherwise write this at the first build on top of it.
  await writeFile(join(folder, "committed"), "");
  if (lower === null) return;
  await writeFile(join(folder, "lower"), lower);
  await mkdir(join(folder, "work"), { mode: 0o700 });
}
