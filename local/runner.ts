// Brings up this machine's runner host: Debian packages, images, the private engine, and the daemon that joins the edge.

import { mkdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Docker } from "../runner-host/engine/docker.ts";
import { type RunningEngine, startEngine } from "../runner-host/engine/engine.ts";
import { type BuiltImages, buildImages } from "../runner-host/image/build-images.ts";
import { DEBIAN_PACKAGES } from "../runner-host/image/debian-packages.ts";
import { readDockerArchive } from "../runner-host/image/docker-archive.ts";
import type { ChildSettings } from "./children.ts";
import { lockDirectory } from "./data-dir/lock.ts";
import { ensurePackages } from "./debian/packages.ts";
import type { Say } from "./progress.ts";
import type { StartContext } from "./start-context.ts";

export interface PreparedRunner {
  readonly images: BuiltImages;
  readonly engine: RunningEngine;
}

const LOCK_POLL_MS = 200;

export async function prepareRunner({ layout }: ChildSettings, context: StartContext): Promise<PreparedRunner> {
  const { progress, undo, signal, imagesDir } = context;
  await progress.step("packages", async (say) => ensurePackages(DEBIAN_PACKAGES, say).then(() => "all there"));
  signal.throwIfAborted();
  const { images } = await progress.step("images", async (say) => {
    const built = await buildImagesAlone(imagesDir, say, signal);
    return { images: built, outcome: built.labImages.join(", ") };
  });
  signal.throwIfAborted();
  const { engine } = await progress.step("engine", async (say) => {
    say("starting a private Docker engine");
    const running = await startEngine({ directory: layout.engine });
    undo.defer(() => running.stop());
    const docker = new Docker(running.socketPath);
    if (!(await docker.hasImage(images.sessionTag))) {
      say("loading the session image");
      await docker.loadImage(readDockerArchive(images.sessionArchive));
    }
    return { engine: running, outcome: "ready" };
  });
  return { images, engine };
}

/** One build at a time in a folder: a second `npm start` or a test run waits for the first. */
export async function buildImagesAlone(directory: string, say: Say, signal: AbortSignal): Promise<BuiltImages> {
  await mkdir(directory, { recursive: true });
  let lock = await lockDirectory(directory);
  while (lock === null) {
    say("waiting for another start that builds them");
    await delay(LOCK_POLL_MS, undefined, { signal });
    lock = await lockDirectory(directory);
  }
  try {
    return await buildImages({ directory, onProgress: ({ message }) => say(message) });
  } finally {
    await lock.release();
  }
}
