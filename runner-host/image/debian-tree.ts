// Makes an image's only layer: a Debian tree as one tar, from a recipe, by mmdebstrap.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../engine/command.ts";
import { unmountBelow } from "../engine/mounts.ts";
import { readMachineAptSettings, readMachineSources } from "./machine-apt.ts";
import { BUILD_EPOCH_S, CLEAN_SCRIPT, DEBIAN_SUITE, type ImageRecipe } from "./recipes.ts";

const DPKG_OPTIONS = [
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/info/*",
  "path-exclude=/usr/share/doc/*",
  "path-include=/usr/share/doc/*/copyright",
  "path-exclude=/usr/share/locale/*",
];

/** Writes the tree to `tarFile`. `onLine` gets what mmdebstrap says; `scratch` holds the tree meanwhile and is left empty. */
export async function buildDebianTree(
  recipe: ImageRecipe,
  tarFile: string,
  scratch: string,
  env: Record<string, string>,
  onLine: (line: string) => void,
): Promise<void> {
  const work = await mkdtemp(join(scratch, "tree-"));
  try {
    const settings = join(work, "apt.conf");
    await writeFile(
      settings,
      [...(await readMachineAptSettings()), 'APT::Install-Recommends "false";', 'APT::Sandbox::User "root";', ""].join(
        "\n",
      ),
    );
    const args = [
      "--mode=root",
      "--variant=minbase",
      "--format=tar",
      `--include=${recipe.packages.join(",")}`,
      `--aptopt=${settings}`,
      ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`),
      `--customize-hook=${join(recipe.folder, "customize.sh")}`,
      `--customize-hook=${CLEAN_SCRIPT}`,
      // The script cleans apt's files by name; apt itself is not run again, so it can never clean the machine's.
      "--skip=cleanup/apt",
      DEBIAN_SUITE,
      tarFile,
      ...(await readMachineSources()),
    ];
    await runCommand("mmdebstrap", args, {
      env: { TMPDIR: work, SOURCE_DATE_EPOCH: String(BUILD_EPOCH_S), BERTH_RECIPE: recipe.folder, ...env },
      onErrorLine(line) {
        const said = describeProgress(line);
        if (said !== null) onLine(said);
      },
    });
  } finally {
    // A killed mmdebstrap leaves /proc and /dev mounted in its tree: never delete through them.
    await unmountBelow(work);
    await rm(work, { recursive: true, force: true });
  }
}

/** What mmdebstrap says that a person waiting for it wants to know; null for the rest. */
export function describeProgress(line: string): string | null {
  const said = line.replace(/^[IWE]: /, "");
  if (/^(?:using |removing tempdir|finding correct|chroot architecture|skipping |success in|done$)/.test(said))
    return null;
  return said.replace(/^running --\S+ directly: \S*?([^/\s]+)(?: .*)?$/, "running $1").trim() || null;
}
