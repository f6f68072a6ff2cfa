// Builds every image that a runner host needs, once: each part is named by a hash of what goes into it and kept until that changes.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { containerLimits } from "../container/container-limits.ts";
import { DISK_FILES, DISK_FOLDERS } from "../container/disk-layout.ts";
import { requireFitHost } from "../engine/host-requirements.ts";
import { ensureSubordinateRange } from "../engine/subordinate-ids.ts";
import { hashInputs, listFolderContent } from "./content-hash.ts";
import { buildDebianTree } from "./debian-tree.ts";
import { buildDiskTemplate } from "./disk-template.ts";
import { addTopLayer, completeDockerArchive, dockerArchitecture, LAYER_FILE } from "./docker-archive.ts";
import { ImageFolder } from "./image-folder.ts";
import { buildLabSet, DOCKER_TEMPLATE, labSetFolderName } from "./lab-set.ts";
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
const HOME_SKELETON = join(sessionRecipe.folder, "rootfs/etc/skel");

/** Raised when the code here makes something else of equal inputs. */
const VERSIONS = { image: 1, labSet: 2, diskTemplate: 1 };

/** Resolves when all images are there; throws with one sentence when they cannot be built. */
export async function buildImages(options: BuildOptions): Promise<BuiltImages> {
  await requireFitHost();
  const { baseId } = await ensureSubordinateRange();
  const report = options.onProgress ?? (() => undefined);
  const images = new ImageFolder(options.directory);

  const session = await nameImage(sessionRecipe);
  const sessionArchive = await ensureImage(images, sessionRecipe, session, (message) =>
    report({ step: "session-image", message }),
  );
  const labs: string[] = [];
  const labArchives: string[] = [];
  for (const recipe of labRecipes) {
    const name = await nameImage(recipe);
    labs.push(name);
    labArchives.push(await ensureImage(images, recipe, name, (message) => report({ step: "lab-image", message })));
  }

  const labSetName = hashInputs({ labs, baseId, version: VERSIONS.labSet });
  const labSet = await images.ensure(labSetFolderName(labSetName), async (scratch) => {
    report({ step: "lab-set", message: "sharing the lab images between sessions" });
    return buildLabSet(labSetName, labArchives, scratch);
  });

  const home = await listFolderContent(HOME_SKELETON);
  const diskInputs = {
    labSetName,
    baseId,
    home,
    containerLimits,
    DISK_FILES,
    DISK_FOLDERS,
    version: VERSIONS.diskTemplate,
  };
  const diskTemplate = await images.ensure(`disk-${hashInputs(diskInputs)}.ext4`, async (scratch) => {
    report({ step: "disk-template", message: "making the disk that sessions start from" });
    return buildDiskTemplate(baseId, join(labSet, DOCKER_TEMPLATE), HOME_SKELETON, scratch);
  });

  await images.sweep();
  const labImages = labRecipes.flatMap((recipe) => recipe.tags);
  return {
    directory: options.directory,
    sessionArchive,
    sessionTag: sessionTag(session),
    labImages,
    labSetName,
    diskTemplate,
  };
}

/** `session-0123...` is loaded as `berth/session:0123...`. */
export function sessionTag(folderName: string): string {
  return `berth/${folderName.replace(/-([^-]*)$/, ":$1")}`;
}

async function nameImage(recipe: ImageRecipe): Promise<string> {
  const { name, tags, packages, config } = recipe;
  const inputs = {
    ...{
      version: VERSIONS.image,
      name,
      tags,
      packages,
      config,
      suite: DEBIAN_SUITE,
      architecture: dockerArchitecture(),
    },
    files: await listFolderContent(recipe.folder),
    clean: await readFile(CLEAN_SCRIPT, "utf8"),
    node: recipe === sessionRecipe ? await readFile(join(NODE_PACKAGE, "package.json"), "utf8") : null,
  };
  return `${name}-${hashInputs(inputs)}`;
}

function ensureImage(
  images: ImageFolder,
  recipe: ImageRecipe,
  folderName: string,
  onLine: (message: string) => void,
): Promise<string> {
  return images.ensure(folderName, async (scratch) => {
    const folder = join(scratch, "image");
    await mkdir(folder);
    onLine(`${recipe.name}: fetching Debian packages`);
    const env = { BERTH_NODE: join(NODE_PACKAGE, "bin/node") };
    await buildDebianTree(recipe, join(folder, LAYER_FILE), scratch, env, (line) => onLine(`${recipe.name}: ${line}`));
    const isSession = recipe === sessionRecipe;
    const layers = isSession ? [LAYER_FILE] : [LAYER_FILE, await addTopLayer(folder)];
    await completeDockerArchive(folder, layers, recipe.config, isSession ? [sessionTag(folderName)] : recipe.tags);
    return folder;
  });
}
