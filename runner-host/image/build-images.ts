// Builds every image that a runner host needs, once: each part is named by a hash of what goes into it and kept until that changes.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { containerLimits } from "../container/container-limits.ts";
import { DISK_FILES, DISK_FOLDERS } from "../container/disk-layout.ts";
import { cleanLeftovers } from "../engine/engine.ts";
import { HostUnfitError, requireFitHost } from "../engine/host-requirements.ts";
import { unmountBelow } from "../engine/mounts.ts";
import { ensureSubordinateRange } from "../engine/subordinate-ids.ts";
import { hashInputs, listFolderContent } from "./content-hash.ts";
import { buildDebianTree } from "./debian-tree.ts";
import { buildDiskTemplate } from "./disk-template.ts";
import { addTopLayer, completeDockerArchive, dockerArchitecture, LAYER_FILE } from "./docker-archive.ts";
import { buildLabSet, DOCKER_TEMPLATE, labSetFolder } from "./lab-set.ts";
import { CLEAN_SCRIPT, DEBIAN_SUITE, type ImageRecipe, labRecipes, sessionRecipe } from "./recipes.ts";

export interface ImageProgress {
  step: "session-image" | "lab-image" | "lab-set" | "disk-template";
  message: string;
}

export interface BuildOptions {
  /** Where the images are kept; shared by everything on the machine that names the same folder. */
  directory: string;
  onProgress?: (progress: ImageProgress) => void;
}

/** What a runner host needs to make containers. */
export interface BuiltImages {
  directory: string;
  /** Docker archive of the session image, and the tag under which it is loaded. */
  sessionArchive: string;
  sessionTag: string;
  /** Names of the preloaded lab images. */
  labImages: string[];
  labSetName: string;
  diskTemplate: string;
}

const NODE_PACKAGE = fileURLToPath(new URL("../../node_modules/node", import.meta.url));
const SCRATCH = ".building";
const GiB = 1024 ** 3;
/** Trees, archives and what the engine unpacks from them, all at once. */
const FREE_BYTES_MIN = 4 * GiB;

/** Resolves when all images are there; throws with one sentence when they cannot be built. What a killed build left is removed first. */
export async function buildImages(options: BuildOptions): Promise<BuiltImages> {
  await requireFitHost();
  const { baseId } = await ensureSubordinateRange();
  const { directory } = options;
  const scratch = join(directory, SCRATCH);
  await removeScratch(scratch);
  await mkdir(scratch, { recursive: true });
  try {
    const report = options.onProgress ?? (() => undefined);
    const session = await ensureImage(sessionRecipe, directory, scratch, "session-image", report);
    const labs: string[] = [];
    for (const recipe of labRecipes) labs.push(await ensureImage(recipe, directory, scratch, "lab-image", report));

    const labSetName = hashInputs({ labs, baseId, version: 1 });
    const labSet = labSetFolder(directory, labSetName);
    await ensureFolder(labSet, scratch, async (folder) => {
      report({ step: "lab-set", message: "Sharing the lab images between sessions" });
      await buildLabSet(labSetName, labs.map((name) => join(directory, name)), folder, scratch);
    });

    const skeleton = join(sessionRecipe.folder, "rootfs/etc/skel");
    const diskInputs = { labSetName, baseId, home: await listFolderContent(skeleton), containerLimits, DISK_FILES, DISK_FOLDERS, version: 1 };
    const diskTemplate = join(directory, `disk-${hashInputs(diskInputs)}.ext4`);
    if (!existsSync(diskTemplate)) {
      report({ step: "disk-template", message: "Making the disk that sessions start from" });
      await buildDiskTemplate(diskTemplate, baseId, join(labSet, DOCKER_TEMPLATE), skeleton, scratch);
    }
    return {
      directory,
      sessionArchive: join(directory, session),
      sessionTag: sessionTag(session),
      labImages: labRecipes.flatMap((recipe) => recipe.tags),
      labSetName,
      diskTemplate,
    };
  } finally {
    await removeScratch(scratch);
  }
}

function sessionTag(folderName: string): string {
  return `berth/${folderName.replace(/-([^-]*)$/, ":$1")}`;
}

async function ensureImage(
  recipe: ImageRecipe,
  directory: string,
  scratch: string,
  step: ImageProgress["step"],
  report: (progress: ImageProgress) => void,
): Promise<string> {
  const { name, tags, packages, config } = recipe;
  const inputs = {
    version: 1,
    ...{ name, tags, packages, config, suite: DEBIAN_SUITE, architecture: dockerArchitecture() },
    files: await listFolderContent(recipe.folder),
    clean: await readFile(CLEAN_SCRIPT, "utf8"),
    node: recipe === sessionRecipe ? await readFile(join(NODE_PACKAGE, "package.json"), "utf8") : null,
  };
  const folderName = `${name}-${hashInputs(inputs)}`;
  await ensureFolder(join(directory, folderName), scratch, async (folder) => {
    await requireFreeSpace(directory);
    const onLine = (message: string) => report({ step, message: `${name}: ${message}` });
    onLine("fetching Debian packages");
    await buildDebianTree(recipe, join(folder, LAYER_FILE), scratch, { BERTH_NODE: join(NODE_PACKAGE, "bin/node") }, onLine);
    const layers = recipe === sessionRecipe ? [LAYER_FILE] : [LAYER_FILE, await addTopLayer(folder)];
    await completeDockerArchive(folder, layers, config, recipe === sessionRecipe ? [sessionTag(folderName)] : tags);
  });
  return folderName;
}

/** Runs `build` on an empty folder and puts it at `target` when it is complete; does nothing when `target` is there. */
async function ensureFolder(target: string, scratch: string, build: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  const folder = await mkdtemp(join(scratch, "result-"));
  await build(folder);
  await rename(folder, target);
}

async function requireFreeSpace(directory: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < FREE_BYTES_MIN) {
    throw new HostUnfitError(`Building the images needs ${FREE_BYTES_MIN / GiB} GiB free in ${directory}, and only ${(bavail * bsize / GiB).toFixed(1)} GiB are; free some, or choose another place with --data-dir.`);
  }
}

async function removeScratch(scratch: string): Promise<void> {
  if (!existsSync(scratch)) return;
  for (const name of await readdir(scratch)) await cleanLeftovers(join(scratch, name));
  await unmountBelow(scratch);
  await rm(scratch, { recursive: true, force: true });
}
