// Opens the private Docker engine that the Docker tests of one file share: own directory, the project's images, the stand-in agent.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { openDockerEngine } from "../../../runner-host/engine/docker-engine.ts";
import { type EngineOptions, type RunningEngine, startEngine } from "../../../runner-host/engine/engine.ts";
import { type BuiltImages, buildImages } from "../../../runner-host/image/build-images.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
export const IMAGES_DIRECTORY = process.env["BERTH_IMAGES_DIR"] ?? join(PROJECT, ".berth/images");
export const AGENT_DIRECTORY = fileURLToPath(new URL("stand-in-agent", import.meta.url));

export interface EngineMachine {
  directory: string;
  engine: RunningEngine;
  images: BuiltImages;
  open(): Promise<ContainerEngine>;
  close(): Promise<void>;
}

/** Starts an engine in a fresh directory; `close` stops it and deletes the directory. */
export async function startMachine(options: Omit<EngineOptions, "directory"> = {}): Promise<EngineMachine> {
  const images = await buildImages({ directory: IMAGES_DIRECTORY });
  const directory = await mkdtemp(join(tmpdir(), "berth-docker-"));
  const engine = await startEngine({ directory, ...options });
  return {
    directory,
    engine,
    images,
    open: () => openDockerEngine({ layout: engine.layout, images, agentDirectory: AGENT_DIRECTORY }),
    async close() {
      await engine.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
