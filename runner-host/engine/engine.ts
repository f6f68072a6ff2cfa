// Starts, adopts and stops the private Docker engine of one runner host, and cleans what a crashed one left.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { LABELS } from "../container/container-spec.ts";
import { createParentCgroup, killParentCgroup, removeParentCgroup } from "./cgroups.ts";
import { Docker } from "./docker.ts";
import { engineCommand, engineConfig } from "./engine-config.ts";
import { type HostLayout, hostLayout } from "./host-layout.ts";
import { liftEngineLimits, raiseHostLimits } from "./host-limits.ts";
import { requireFitHost } from "./host-requirements.ts";
import { bindMount, detachLoopsBelow, mountPointsBelow, readMountPoints, unmountBelow } from "./mounts.ts";
import {
  findEngineProcesses,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  signalProcess,
  waitForEnd,
} from "./processes.ts";
import { ensureSubordinateRange } from "./subordinate-ids.ts";

export interface EngineOptions {
  /** Lasting state; the same directory means the same engine. */
  directory: string;
}

export interface RunningEngine {
  socketPath: string;
  pid: number;
  layout: HostLayout;
  /** Host uid and gid of root inside the containers. */
  baseId: number;
  /** Stops the containers, then the engine; leaves no process, mount, loop device, namespace or cgroup. State stays. */
  stop(): Promise<void>;
}

/** A healthy dockerd answers in half a second; a slow disk may take much longer. */
const READY_MS = 60_000;
const STOP_MS = 15_000;
const POLL_MS = 20;
const CONTAINER_GRACE_S = 3;

const recordSchema = z.strictObject({ pid: z.int(), startTicks: z.int(), bootId: z.string(), baseId: z.int() });

async function readRecord(layout: HostLayout): Promise<z.infer<typeof recordSchema> | null> {
  const text = await readFile(layout.engineRecord, "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = recordSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

/** The engine that already runs for this directory, or null. */
export async function adoptEngine(options: EngineOptions): Promise<RunningEngine | null> {
  const layout = hostLayout(options.directory);
  const record = await readRecord(layout);
  if (record === null || !(await isRunning(record)) || !(await new Docker(layout.engineSocket).isAnswering()))
    return null;
  return runningEngine(layout, record, record.baseId);
}

/** Adopts the directory's engine or starts one; throws HostUnfitError with one sentence when this machine cannot. */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const adopted = await adoptEngine(options);
  if (adopted !== null) return adopted;
  await requireFitHost();
  const tooLow = await raiseHostLimits();
  if (tooLow !== null) process.emitWarning(tooLow);
  const layout = hostLayout(options.directory);
  await cleanLeftovers(options.directory);
  const range = await ensureSubordinateRange();
  try {
    await prepareDirectories(layout);
    await createParentCgroup(layout.name);
    await writeFile(layout.engineConfig, JSON.stringify(engineConfig(layout, range.user), null, 2));
    const identity = await launch(layout, await liftEngineLimits());
    await writeFile(layout.engineRecord, JSON.stringify({ ...identity, baseId: range.baseId }));
    return runningEngine(layout, identity, range.baseId);
  } catch (error) {
    await cleanLeftovers(options.directory);
    throw error;
  }
}

/** Ends and removes what an engine of this directory left behind without stopping; its state stays. */
export async function cleanLeftovers(directory: string): Promise<void> {
  const layout = hostLayout(directory);
  const processes = await findEngineProcesses(layout.run);
  for (const one of processes) signalProcess(one.pid, "SIGKILL");
  await killParentCgroup(layout.name);
  for (const one of processes) await waitForEnd(one, STOP_MS);
  await unmountBelow(layout.run);
  await detachLoopsBelow(layout.directory);
  await removeParentCgroup(layout.name);
  // With something still mounted, deleting would reach what lasts.
  const remaining = mountPointsBelow(await readMountPoints(), layout.run);
  if (remaining.length === 0) await rm(layout.run, { recursive: true, force: true });
}

async function prepareDirectories(layout: HostLayout): Promise<void> {
  await mkdir(layout.directory, { recursive: true });
  // Remapped root must pass through, and may not list.
  await chmod(layout.directory, 0o711);
  await mkdir(layout.run, { recursive: true, mode: 0o711 });
  await chmod(layout.run, 0o711);
  // A private mount of its own: what is mounted below it shows up nowhere else, where it could be left behind.
  await bindMount(layout.run, layout.run, "read-write");
  for (const folder of [
    layout.state,
    layout.disks,
    layout.sockets,
    layout.socketViews,
    layout.agent,
    layout.labImages,
  ]) {
    await mkdir(folder, { mode: 0o711 });
  }
  await bindMount(layout.directory, layout.state, "read-write");
  await bindMount(layout.sockets, layout.socketViews, "read-only");
}

async function launch(layout: HostLayout, prefix: readonly string[]): Promise<ProcessIdentity> {
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

async function explainFailure(layout: HostLayout): Promise<string> {
  const lines = (await readFile(layout.engineLog, "utf8")).trim().split("\n");
  return `The private Docker engine did not start: ${lines.at(-1) || "it said nothing"} (all of it: ${layout.engineLog})`;
}

function runningEngine(layout: HostLayout, identity: ProcessIdentity, baseId: number): RunningEngine {
  let stopped: Promise<void> | undefined;
  return {
    socketPath: layout.engineSocket,
    pid: identity.pid,
    layout,
    baseId,
    stop() {
      stopped ??= stopEngine(layout, identity);
      return stopped;
    },
  };
}

async function stopEngine(layout: HostLayout, identity: ProcessIdentity): Promise<void> {
  if (await isRunning(identity)) {
    const docker = new Docker(layout.engineSocket);
    const containers = (await docker.isAnswering()) ? await docker.listContainers(LABELS.session) : [];
    const running = containers.filter((container) => container.isRunning);
    await Promise.all(running.map((container) => docker.stopContainer(container.containerId, CONTAINER_GRACE_S)));
    signalProcess(identity.pid, "SIGTERM");
    await waitForEnd(identity, STOP_MS);
  }
  await cleanLeftovers(layout.directory);
}
