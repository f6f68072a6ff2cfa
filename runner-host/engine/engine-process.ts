// Launches dockerd, tells whether it and its containerd run, and ends them without their containers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Docker } from "./docker.ts";
import { engineCommand } from "./engine-config.ts";
import type { HostLayout } from "./host-layout.ts";
import {
  endProcesses,
  ENGINE_DAEMONS,
  findEngineProcesses,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
} from "./processes.ts";

/** A healthy dockerd answers in half a second; a slow disk may take much longer. */
const READY_MS = 60_000;
const POLL_MS = 20;

/** Resolves when it answers. `prefix`: see engineCommand. */
export async function launchEngine(layout: HostLayout, prefix: readonly string[]): Promise<ProcessIdentity> {
  const log = await open(layout.engineLog, "w", 0o600);
  const [program = "", ...args] = engineCommand(layout, prefix);
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log.fd, log.fd], cwd: "/" });
  child.unref();
  await Promise.all([once(child, "spawn"), log.close()]);
  const identity = child.pid === undefined ? null : await identifyProcess(child.pid);
  if (identity === null) throw new Error(await explainFailure(layout));
  const docker = new Docker(layout.engineSocket);
  const deadline = performance.now() + READY_MS;
  while (!(await docker.isAnswering())) {
    if (!(await isRunning(identity)) || performance.now() > deadline) throw new Error(await explainFailure(layout));
    await delay(POLL_MS);
  }
  return identity;
}

/** dockerd and its containerd; the one is of no use without the other, and takes ten seconds to see that it is gone. */
export async function isWhole(layout: HostLayout, engine: ProcessIdentity): Promise<boolean> {
  const containerd = Number(await readFile(containerdPidFile(layout), "utf8").catch(() => ""));
  return containerd > 0 && (await isRunning(engine)) && (await identifyProcess(containerd)) !== null;
}

/** Kills dockerd and containerd: their containers run on, in the care of their shims. */
export async function endDaemons(layout: HostLayout): Promise<void> {
  await endProcesses(await findEngineProcesses(layout.run, ENGINE_DAEMONS));
  // A dead one that nobody reaps counts as alive for who reads its pid file.
  await rm(containerdPidFile(layout), { force: true });
  await rm(layout.enginePidFile, { force: true });
}

function containerdPidFile(layout: HostLayout): string {
  return join(layout.engineExecRoot, "containerd/containerd.pid");
}

async function explainFailure(layout: HostLayout): Promise<string> {
  const lines = (await readFile(layout.engineLog, "utf8")).trim().split("\n");
  return `The private Docker engine did not start: ${lines.at(-1) || "it said nothing"} (all of it: ${layout.engineLog})`;
}
