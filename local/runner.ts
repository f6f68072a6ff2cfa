// Brings up this machine's runner host: Debian packages, images, the private engine, and the daemon that joins the edge.

import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { limits } from "#wire/limits.ts";
import { TokenSigner } from "#wire/signed-token.ts";
import { Docker } from "../runner-host/engine/docker.ts";
import { endEngine, startEngine } from "../runner-host/engine/engine.ts";
import { hostLayout } from "../runner-host/engine/host-layout.ts";
import { HostUnfitError, requireFitHost } from "../runner-host/engine/host-requirements.ts";
import { type BuiltImages, buildImages } from "../runner-host/image/build-images.ts";
import { DEBIAN_PACKAGES } from "../runner-host/image/debian-packages.ts";
import { readDockerArchive } from "../runner-host/image/docker-archive.ts";
import { proveHost } from "../runner-host/self-test/prove-host.ts";
import { describeOffer, offerOf } from "../runner-host/self-test/report.ts";
import { agentBuild } from "./build/builds.ts";
import { type ChildSettings, REGION, runnerHostChild, runnerHostHealthUrl } from "./children.ts";
import { lockDirectory } from "./data-dir/lock.ts";
import { ensurePackages } from "./debian/packages.ts";
import type { Say } from "./progress.ts";
import type { StartContext } from "./start-context.ts";
import { StartRefusal } from "./start-refusal.ts";
import type { SupervisedChild } from "./supervise/child.ts";
import type { Family } from "./supervise/family.ts";
import { waitForHealth } from "./supervise/health.ts";

const JOIN_MS = 15_000;
const LOCK_POLL_MS = 200;

/** Throws StartRefusal or HostUnfitError when this machine cannot run session containers. */
export async function prepareMachine({ progress }: StartContext): Promise<void> {
  await progress.step("machine", async (say) => {
    await ensurePackages(DEBIAN_PACKAGES, say);
    await requireFitHost();
    return "fit for containers";
  });
}

export async function prepareRunner({ layout }: ChildSettings, context: StartContext): Promise<BuiltImages> {
  const { progress, undo, signal, imagesDir } = context;
  const { images } = await progress.step("images", async (say) => {
    const built = await buildImagesAlone(imagesDir, say, signal);
    return { images: built, outcome: built.labImages.join(", ") };
  });
  signal.throwIfAborted();
  await progress.step("engine", async (say) => {
    say("starting a private Docker engine");
    undo.defer(() => endEngine(layout.engine));
    const running = await startEngine({ directory: layout.engine });
    const docker = new Docker(running.socketPath);
    if (!(await docker.hasImage(images.sessionTag))) {
      say("loading the session image");
      await docker.loadImage(readDockerArchive(images.sessionArchive));
    }
    return "ready";
  });
  return images;
}

/** The agent is built by then. Throws HostUnfitError when the machine does not confine what it would hold; the daemon offers what was proved here. */
export async function proveRunner(
  images: BuiltImages,
  { project, layout }: ChildSettings,
  { progress }: StartContext,
): Promise<void> {
  await progress.step("self-test", async (say) => {
    const engine = hostLayout(layout.engine);
    const report = await proveHost(images, engine, join(project, agentBuild.output), ({ name }) => say(name));
    if (!offerOf(report).sessions) throw new HostUnfitError(describeOffer(report));
    return describeOffer(report);
  });
}

/** Starts the daemon and waits until the edge has welcomed it. */
export async function joinRunnerHost(
  settings: ChildSettings,
  context: StartContext,
  family: Family,
  address: string,
): Promise<SupervisedChild> {
  const { daemon } = await context.progress.step("runner host", async () => {
    const joinToken = await signJoinToken(settings.secrets.signingKey);
    // Tests put a proxy between daemon and edge.
    const edge = process.env["BERTH_RUNNER_EDGE_URL"] ?? address;
    const child = await family.keep(runnerHostChild(settings, { edge, joinToken, imagesDir: context.imagesDir }));
    const health = { url: runnerHostHealthUrl(settings.ports), accepts: (status: number) => status === 200 };
    if (!(await waitForHealth(health, AbortSignal.any([context.signal, AbortSignal.timeout(JOIN_MS)])))) {
      throw new StartRefusal(`The runner host did not join: ${child.lastWords}.`);
    }
    return { daemon: child, outcome: "joined" };
  });
  return daemon;
}

/** Lets one machine join this edge's pool, once. */
export function signJoinToken(signingKey: string): Promise<string> {
  return new TokenSigner(signingKey).sign("join-token", {
    pool: REGION,
    nonce: randomBytes(24).toString("base64url"),
    expiresAt: Date.now() + limits.joinTokenMs,
  });
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
