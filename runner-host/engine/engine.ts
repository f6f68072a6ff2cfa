// Starts, adopts, revives and stops the private Docker engine of one runner host: one at a time for a directory, whoever asks.

import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { LABELS } from "../container/container-spec.ts";
import { waitForKernelLock } from "../kernel-lock.ts";
import { createParentCgroup, thawParentCgroup } from "./cgroups.ts";
import { Docker } from "./docker.ts";
import { engineConfig } from "./engine-config.ts";
import { cleanLeftovers, isPrepared, prepareDirectories } from "./engine-place.ts";
import { endDaemons, isWhole, launchEngine } from "./engine-process.ts";
import { type HostLayout, hostLayout } from "./host-layout.ts";
import { liftEngineLimits, raiseHostLimits } from "./host-limits.ts";
import { requireFitHost } from "./host-requirements.ts";
import { identifyProcess, type ProcessIdentity, signalProcess, waitForEnd } from "./processes.ts";
import { ensureSubordinateRange } from "./subordinate-ids.ts";

export interface EngineOptions {
  /** Lasting state; the same directory means the same engine. */
  directory: string;
  /** What all sessions may hold together; unless given, what the machine can spare. */
  sessionsMemoryBytes?: number;
}

/** `adopted`: it ran already; `revived`: it had died, and its containers live on under a new one; `started`: nothing ran. */
export type EngineOrigin = "adopted" | "revived" | "started";

export interface RunningEngine {
  socketPath: string;
  pid: number;
  origin: EngineOrigin;
  layout: HostLayout;
  /** Host uid and gid of root inside the containers. */
  baseId: number;
  /** False when it, or the containerd below it, has ended. */
  isRunning(): Promise<boolean>;
  /** Stops the containers, then the engine; leaves no process, mount, loop device, namespace or cgroup. State stays. */
  stop(): Promise<void>;
}

const STOP_MS = 15_000;
const CONTAINER_GRACE_MS = 3_000;

const recordSchema = z.strictObject({ pid: z.int(), startTicks: z.int(), bootId: z.string(), baseId: z.int() });
type EngineRecord = z.infer<typeof recordSchema>;

async function readRecord(layout: HostLayout): Promise<EngineRecord | null> {
  const text = await readFile(layout.engineRecord, "utf8").catch(() => null);
  if (text === null || text === "") return null;
  const parsed = recordSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

/** The engine that already runs for this directory, or null. */
export async function adoptEngine(options: EngineOptions): Promise<RunningEngine | null> {
  const layout = hostLayout(options.directory);
  const record = await readRecord(layout);
  if (record === null || !(await isWhole(layout, record)) || !(await new Docker(layout.engineSocket).isAnswering()))
    return null;
  return runningEngine(layout, record, "adopted");
}

/** Adopts the directory's engine, revives one that died, or starts one; throws HostUnfitError with one sentence when this machine cannot. */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const layout = hostLayout(options.directory);
  const lock = await waitForKernelLock(`${layout.name}-engine`);
  try {
    return (await adoptEngine(options)) ?? (await reviveEngine(layout)) ?? (await startAnew(layout, options));
  } finally {
    await lock.release();
  }
}

/** Stops the directory's engine, whoever started it; also clears what is left of one that died. */
export async function endEngine(directory: string): Promise<void> {
  const engine = await adoptEngine({ directory });
  if (engine === null) await cleanLeftovers(directory);
  else await engine.stop();
}

/** A new dockerd over the containers of one that died; null when none are left, or it cannot take them over. */
async function reviveEngine(layout: HostLayout): Promise<RunningEngine | null> {
  const record = await readRecord(layout);
  const self = await identifyProcess(process.pid);
  if (record === null || record.bootId !== self?.bootId || !(await isPrepared(layout))) return null;
  try {
    await endDaemons(layout);
    return await launchInto(layout, record.baseId, "revived");
  } catch (error) {
    process.emitWarning(
      `The containers of an engine that died are given up and come back from their disks: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

async function startAnew(layout: HostLayout, options: EngineOptions): Promise<RunningEngine> {
  await requireFitHost();
  const tooLow = await raiseHostLimits();
  if (tooLow !== null) process.emitWarning(tooLow);
  await cleanLeftovers(layout.directory);
  const range = await ensureSubordinateRange();
  try {
    await prepareDirectories(layout);
    await createParentCgroup(layout.name, options.sessionsMemoryBytes);
    await writeFile(layout.engineConfig, JSON.stringify(engineConfig(layout, range.user), null, 2));
    return await launchInto(layout, range.baseId, "started");
  } catch (error) {
    await cleanLeftovers(layout.directory);
    throw error;
  }
}

async function launchInto(layout: HostLayout, baseId: number, origin: EngineOrigin): Promise<RunningEngine> {
  const identity = await launchEngine(layout, await liftEngineLimits());
  await writeFile(layout.engineRecord, JSON.stringify({ ...identity, baseId }));
  return runningEngine(layout, { ...identity, baseId }, origin);
}

function runningEngine(layout: HostLayout, record: EngineRecord, origin: EngineOrigin): RunningEngine {
  const { baseId, ...identity } = record;
  let stopped: Promise<void> | undefined;
  return {
    socketPath: layout.engineSocket,
    pid: identity.pid,
    origin,
    layout,
    baseId,
    isRunning: () => isWhole(layout, identity),
    stop() {
      stopped ??= stopEngine(layout, identity);
      return stopped;
    },
  };
}

async function stopEngine(layout: HostLayout, identity: ProcessIdentity): Promise<void> {
  if (await isWhole(layout, identity)) {
    const docker = new Docker(layout.engineSocket);
    await thawParentCgroup(layout.name);
    if (await docker.isAnswering()) await endContainers(docker);
    signalProcess(identity.pid, "SIGTERM");
    await waitForEnd(identity, STOP_MS);
  }
  await cleanLeftovers(layout.directory);
}

/**
 * Asks every container's first process to end, all at once; what is left after its grace is ended by cleanLeftovers. The engine would take
 * a tenth of a second for each, and finds out by itself: at once, or when it is started again.
 */
async function endContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers(LABELS.session);
  await Promise.all(
    containers.map(async ({ containerId, isRunning }) => {
      const pid = isRunning ? await docker.findFirstProcess(containerId) : null;
      const first = pid === null ? null : await identifyProcess(pid);
      if (first === null) return;
      signalProcess(first.pid, "SIGTERM");
      await waitForEnd(first, CONTAINER_GRACE_MS);
    }),
  );
}
