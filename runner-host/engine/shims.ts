// Finds containerd's shims, each the keeper of one container, and clears their sockets: these lie in one folder of the machine for all engines, and a shim that was killed leaves its own behind.

import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { HostLayout } from "./host-layout.ts";
import { findEngineProcesses } from "./processes.ts";

const PROGRAM = "containerd-shim-runc-v2";
const FOLDER = "/run/containerd/s";
/** The containerd namespace that dockerd uses. */
const NAMESPACE = "moby";

export function shimSocket(layout: HostLayout, containerId: string): string {
  const name = join(layout.engineExecRoot, "containerd/containerd.sock", NAMESPACE, containerId);
  return join(FOLDER, createHash("sha256").update(name).digest("hex"));
}

export async function removeShimSocket(layout: HostLayout, containerId: string): Promise<void> {
  await rm(shimSocket(layout, containerId), { force: true });
}

/** Of every container that the engine's data root knows; none of them may run any more. */
export async function removeShimSockets(layout: HostLayout): Promise<void> {
  for (const root of await namesIn(layout.engineDataRoot)) {
    // Under user namespaces the data root holds one folder for each mapping.
    for (const id of await namesIn(join(layout.engineDataRoot, root, "containers"))) await removeShimSocket(layout, id);
  }
}

export interface Shim {
  readonly pid: number;
  readonly containerId: string;
}

export async function findShims(layout: HostLayout): Promise<Shim[]> {
  const shims = (await findEngineProcesses(layout.run, [PROGRAM])).map(async ({ pid }) => {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const containerId = words[words.indexOf("-id") + 1];
    return containerId === undefined || !words.includes("-id") ? [] : [{ pid, containerId }];
  });
  return (await Promise.all(shims)).flat();
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
