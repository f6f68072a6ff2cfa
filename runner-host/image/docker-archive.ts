// Owns the docker archive of a one-layer image: config and manifest beside its layer, made so that equal layers give equal image ids.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "./content-hash.ts";
import { BUILD_EPOCH_S, type ImageConfig } from "./recipes.ts";

export const LAYER_FILE = "layer.tar";

const created = new Date(BUILD_EPOCH_S * 1000).toISOString();
const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** Docker's name for the processor of this machine. */
export function dockerArchitecture(): string {
  return ARCHITECTURES[process.arch] ?? process.arch;
}

/** The image's config as Docker stores it; the sha256 of its JSON is the image id. */
export function imageConfigJson(config: ImageConfig, layerSha256: string, architecture: string): string {
  return JSON.stringify({
    architecture,
    os: "linux",
    created,
    config,
    rootfs: { type: "layers", diff_ids: [`sha256:${layerSha256}`] },
    history: [{ created, created_by: "mmdebstrap" }],
  });
}

/** Completes `folder`, which holds LAYER_FILE, with the config and the manifest. */
export async function completeDockerArchive(folder: string, config: ImageConfig, tags: string[]): Promise<void> {
  const json = imageConfigJson(config, await hashFile(join(folder, LAYER_FILE)), dockerArchitecture());
  const configFile = `${createHash("sha256").update(json).digest("hex")}.json`;
  await writeFile(join(folder, configFile), json);
  await writeFile(join(folder, "manifest.json"), JSON.stringify([{ Config: configFile, RepoTags: tags, Layers: [LAYER_FILE] }]));
}

/** The archive as the tar stream that an engine loads. */
export function readDockerArchive(folder: string): NodeJS.ReadableStream {
  const tar = spawn("tar", ["--create", "--file=-", "--directory", folder, "."], { stdio: ["ignore", "pipe", "inherit"] });
  tar.on("error", (error) => tar.stdout.destroy(error));
  return tar.stdout;
}
