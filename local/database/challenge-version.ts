// Makes an immutable challenge version from the files of its folder; pure.

import { createHash } from "node:crypto";
import { type StarterBundle, starterBundleSchema } from "#wire/challenge.ts";
import { limits } from "#wire/limits.ts";
import { packLimits } from "./limits.ts";
import { PackError } from "./pack-error.ts";
import type { FolderFile } from "./pack-folder.ts";
import { type ChallengeMeta, challengeMetaSchema } from "./pack-schema.ts";
import { parseYaml } from "./yaml-file.ts";

export interface ChallengeVersion {
  readonly hash: string;
  readonly meta: ChallengeMeta;
  readonly task: string;
  readonly starter: StarterBundle;
}

/** sha256 in hex over the files sorted by path: path, execute bit and bytes, each with its length known. Folder names above do not count. */
export function hashFolder(files: readonly FolderFile[]): string {
  const hash = createHash("sha256");
  for (const { path, isExecutable, bytes } of sortByPath(files)) {
    hash.update(`${path}\0${isExecutable ? "x" : "-"}\0${bytes.byteLength}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** Reads a version from the files of the folder that messages call `name`. Throws PackError. */
export function readChallengeVersion(name: string, files: readonly FolderFile[]): ChallengeVersion {
  const yaml = readText(name, files, "challenge.yaml", packLimits.yamlBytes);
  const meta = parseYaml(`${name}/challenge.yaml`, yaml, challengeMetaSchema);
  const task = readText(name, files, "README.md", limits.taskBytes);
  return { hash: hashFolder(files), meta, task, starter: bundleStarter(name, files) };
}

function bundleStarter(name: string, files: readonly FolderFile[]): StarterBundle {
  const root = "starter/";
  const bundle: StarterBundle = sortByPath(files)
    .filter(({ path }) => path.startsWith(root))
    .map(({ path, isExecutable, bytes }) => {
      if (bytes.byteLength > limits.starterFileBytes) {
        throw new PackError(`${name}/${path}`, null, `is larger than ${limits.starterFileBytes} bytes`);
      }
      const contentBase64 = Buffer.from(bytes).toString("base64");
      return { path: path.slice(root.length), mode: isExecutable ? 0o755 : 0o644, contentBase64 };
    });
  if (bundle.length > limits.starterFiles) {
    throw new PackError(`${name}/starter`, null, `holds more than ${limits.starterFiles} files`);
  }
  if (JSON.stringify(bundle).length > limits.starterBundleBytes) {
    throw new PackError(`${name}/starter`, null, `is larger than ${limits.starterBundleBytes} bytes as one bundle`);
  }
  return starterBundleSchema.parse(bundle);
}

function readText(name: string, files: readonly FolderFile[], path: string, limitBytes: number): string {
  const file = files.find((candidate) => candidate.path === path);
  if (!file) throw new PackError(`${name}/${path}`, null, "is missing");
  if (file.bytes.byteLength > limitBytes)
    throw new PackError(`${name}/${path}`, null, `is larger than ${limitBytes} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file.bytes);
  } catch {
    throw new PackError(`${name}/${path}`, null, "is not UTF-8 text");
  }
}

/** By code unit, as everywhere in the bundle: never by locale. */
function sortByPath(files: readonly FolderFile[]): FolderFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
