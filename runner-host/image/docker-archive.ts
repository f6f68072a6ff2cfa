// Owns the docker archive of an image: config and manifest beside its layers, made so that equal layers give equal image ids.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../engine/command.ts";
import { hashFile } from "./content-hash.ts";
import { BUILD_EPOCH_S, type ImageConfig } from "./recipes.ts";

export const LAYER_FILE = "layer.tar";
const TOP_LAYER_FILE = "top.tar";

const created = new Date(BUILD_EPOCH_S * 1000).toISOString();
const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** Docker's name for the processor of this machine. */
export function dockerArchitecture(): string {
  return ARCHITECTURES[process.arch] ?? process.arch;
}

/** The image's config as Docker stores it; the sha256 of its JSON is the image id. */
export function imageConfigJson(config: ImageConfig, layerSha256s: string[], architecture: string): string {
  return JSON.stringify({
    architecture,
    os: "linux",
    created,
    config,
    rootfs: { type: "layers", diff_ids: layerSha256s.map((sha256) => `sha256:${sha256}`) },
    history: layerSha256s.map(() => ({ created, created_by: "mmdebstrap" })),
  });
}

/**
 * Adds a layer without files. A shared layer is a link in a session's data root, and Docker compares what a build made
 * with its parent without following that link when the parent has no parent itself: all its files would count as new.
 */
export async function addTopLayer(folder: string): Promise<string> {
  const empty = await mkdtemp(join(folder, "empty-"));
  await chmod(empty, 0o755);
  await runCommand("tar", [
    "--create",
    `--file=${join(folder, TOP_LAYER_FILE)}`,
    "--owner=0",
    "--group=0",
    `--mtime=@${BUILD_EPOCH_S}`,
    "--directory",
    empty,
    ".",
  ]);
  await rmdir(empty);
  return TOP_LAYER_FILE;
}

/** Completes `folder`, which holds `layers`, lowest first, with the config and the manifest. */
export async function completeDockerArchive(
  folder: string,
  layers: string[],
  config: ImageConfig,
  tags: string[],
): Promise<void> {
  const sha256s = await Promise.all(layers.map((layer) => hashFile(join(folder, layer))));
  const json = imageConfigJson(config, sha256s, dockerArchitecture());
  const configFile = `${createHash("sha256").update(json).digest("hex")}.json`;
  await writeFile(join(folder, configFile), json);
  await writeFile(
    join(folder, "manifest.json"),
    JSON.stringify([{ Config: configFile, RepoTags: tags, Layers: layers }]),
  );
}

/** The archive as the tar stream that an engine loads. */
export function readDockerArchive(folder: string): NodeJS.ReadableStream {
  const tar = spawn("tar", ["--create", "--file=-", "--directory", folder, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  tar.on("error", (error) => tar.stdout.destroy(error));
  return tar.stdout;
}
