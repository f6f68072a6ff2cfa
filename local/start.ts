// Brings the whole of Berth up in order; what must be undone is left with the caller.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Serving } from "./announcement.ts";
import { type Build, buildOnce } from "./build/build-once.ts";
import { agentBuild, webBuild, workerBuild } from "./build/builds.ts";
import {
  type ChildSettings,
  databaseChild,
  edgeChild,
  edgeSecrets,
  libsqlUrl,
  REGION,
  runnerHostUrl,
} from "./children.ts";
import { requireSpace } from "./data-dir/disk-space.ts";
import { openDataDir } from "./data-dir/open.ts";
import { requireFreePort } from "./data-dir/ports.ts";
import { importPacks } from "./database/import-packs.ts";
import { migrate } from "./database/migrate.ts";
import { prepareEdge } from "./edge/prepare-edge.ts";
import { addressOf, type StartFlags } from "./flags.ts";
import { joinRunnerHost, prepareMachine, prepareRunner, proveRunner, signJoinToken } from "./runner.ts";
import { settle } from "./settle.ts";
import type { StartContext } from "./start-context.ts";
import { Family } from "./supervise/family.ts";

/** Names the folder of another worker to serve instead of the one that was just built. */
const WORKER_DIR = "BERTH_WORKER_DIR";

export interface RunningBerth extends Serving {
  /** Builds what changed of the edge and starts it again; everything else runs on. */
  reloadEdge(): Promise<void>;
  /** Starts the daemon again; containers run on. */
  reloadRunnerHost(): void;
}

/** Resolves when everything serves; throws StartRefusal or HostUnfitError with what is in the way. */
export async function startBerth(wanted: StartFlags, context: StartContext): Promise<RunningBerth> {
  const { project, progress, undo, signal, cutShort } = context;
  // A directory that is not there yet holds no Berth that could have the port, and need not be made for nothing.
  if (!existsSync(wanted.dataDir)) await requireFreePort(wanted.host, wanted.port);
  const { layout, lock, secrets, ports, ended } = await openDataDir(wanted.dataDir);
  undo.defer(() => lock.release());
  if (ended.length > 0) progress.line(`  Ended what a crash had left: ${ended.join(", ")}.`);
  const flags = { ...wanted, port: await requireFreePort(wanted.host, wanted.port) };
  await requireSpace(layout.directory, flags.withRunner);
  const settings: ChildSettings = { project, flags, layout, secrets, ports };
  const family = new Family(layout, undo, (sentence) => progress.line(`  ${sentence}`));

  if (flags.withRunner) await prepareMachine(context);
  signal.throwIfAborted();
  const builds = [webBuild, workerBuild, ...(flags.withRunner ? [agentBuild] : [])];
  const runner = flags.withRunner ? [prepareRunner(settings, context)] : [];
  const cutOthersShort = (): void => {
    progress.abandon();
    cutShort();
  };
  await settle([build(builds, context), openDatabase(settings, context, family), ...runner], cutOthersShort);
  signal.throwIfAborted();
  for (const images of await Promise.all(runner)) await proveRunner(images, settings, context);
  signal.throwIfAborted();
  const address = addressOf(flags.host, flags.port);
  const { edge } = await progress.step("edge", async () => {
    const child = await family.keep(edgeChild(settings, await layOutEdge(settings)));
    return { edge: child, outcome: address };
  });
  signal.throwIfAborted();
  const runnerHost = flags.withRunner ? await joinRunnerHost(settings, context, family, address) : null;
  return {
    address,
    runnerHost: runnerHost === null ? null : runnerHostUrl(ports),
    joinToken: runnerHost === null ? await signJoinToken(secrets.signingKey) : null,
    async reloadEdge() {
      await build(builds, context);
      await layOutEdge(settings);
      edge.restart("its sources changed");
    },
    reloadRunnerHost: () => runnerHost?.restart("its sources changed"),
  };
}

async function build(builds: readonly Build[], { project, progress }: StartContext): Promise<void> {
  await progress.step("build", async (say) => {
    const built: string[] = [];
    for (const one of builds) {
      say(one.name);
      if (await buildOnce(project, one)) built.push(one.name);
    }
    return built.length === 0 ? "unchanged" : built.join(", ");
  });
}

async function openDatabase(
  settings: ChildSettings,
  { project, progress }: StartContext,
  family: Family,
): Promise<void> {
  await progress.step("database", async (say) => {
    await family.keep(databaseChild(settings));
    const address = { url: libsqlUrl(settings.ports), authToken: settings.secrets.libsqlToken };
    say("migrations");
    await migrate(address);
    say("challenges");
    const { challenges, newVersions } = await importPacks({ ...address, directory: join(project, "challenges") });
    return `${challenges} ${challenges === 1 ? "challenge" : "challenges"}${newVersions > 0 ? `, ${newVersions} new` : ""}`;
  });
}

/** @returns the path of the edge's configuration. */
function layOutEdge(settings: ChildSettings): Promise<string> {
  const { project, flags, layout } = settings;
  const worker = process.env[WORKER_DIR] ?? join(project, workerBuild.output);
  const outputs = { worker, web: join(project, webBuild.output) };
  return prepareEdge(layout, outputs, flags, {
    texts: { DEV_SIGN_IN: flags.hasDevelopmentSignIn ? "1" : "0", REGION, ...flags.sessionLengths },
    environmentNames: Object.keys(edgeSecrets(settings)),
  });
}
