// Reads all content packs of a directory and checks what only shows across files: names, order, and that nothing is there twice.

import { basename, join } from "node:path";
import { type ChallengeVersion, readChallengeVersion } from "./challenge-version.ts";
import { packLimits } from "./limits.ts";
import { PackError } from "./pack-error.ts";
import { listFolders, readFile, readFolder } from "./pack-folder.ts";
import { type PackMeta, packSchema } from "./pack-schema.ts";
import { parseYaml } from "./yaml-file.ts";

export interface Pack {
  /** What messages call its folder. */
  readonly name: string;
  readonly meta: PackMeta;
  /** In the pack's order. */
  readonly challenges: readonly ChallengeVersion[];
}

/** Reads `directory/<pack>/…`; messages name files from the directory's own name on. Throws PackError at the first problem. */
export async function readPacks(directory: string): Promise<Pack[]> {
  const root = basename(directory);
  const packs: Pack[] = [];
  for (const folder of await listFolders(directory, root)) {
    packs.push(await readPack(join(directory, folder), `${root}/${folder}`, folder));
  }
  refuseTwins(packs);
  return packs;
}

async function readPack(directory: string, name: string, folder: string): Promise<Pack> {
  const file = `${name}/pack.yaml`;
  const { bytes } = await readFile(join(directory, "pack.yaml"), file, packLimits.yamlBytes);
  const meta = parseYaml(file, new TextDecoder().decode(bytes), packSchema);
  if (meta.id !== folder) throw new PackError(file, null, `id: must be the folder's name, ${folder}`);
  const folders = await listFolders(directory, name);
  const unlisted = folders.find((slug) => !meta.order.includes(slug));
  if (unlisted !== undefined) throw new PackError(file, null, `order: leaves out the challenge ${unlisted}`);
  const challenges: ChallengeVersion[] = [];
  for (const slug of meta.order) {
    if (!folders.includes(slug)) throw new PackError(file, null, `order: names ${slug}, but there is no such folder`);
    const version = readChallengeVersion(
      `${name}/${slug}`,
      await readFolder(join(directory, slug), `${name}/${slug}`, packLimits),
    );
    if (version.meta.slug !== slug) {
      throw new PackError(`${name}/${slug}/challenge.yaml`, null, `slug: must be the folder's name, ${slug}`);
    }
    challenges.push(version);
  }
  return { name, meta, challenges };
}

/** uid and slug are unique over all packs. */
function refuseTwins(packs: readonly Pack[]): void {
  const seen = new Map<string, string>();
  for (const { name, challenges } of packs) {
    for (const { meta } of challenges) {
      const file = `${name}/${meta.slug}/challenge.yaml`;
      for (const key of [`uid ${meta.uid}`, `slug ${meta.slug}`]) {
        const other = seen.get(key);
        if (other !== undefined) throw new PackError(file, null, `${key} is taken by ${other}`);
        seen.set(key, file);
      }
    }
  }
}
