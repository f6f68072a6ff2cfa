// Takes hold of a data directory for one run: makes it, locks it, clears what a crash left, and reads its secrets and ports.

import { chmod, mkdir } from "node:fs/promises";
import { StartRefusal } from "../start-refusal.ts";
import { endLeftovers, readChildren } from "../supervise/children-record.ts";
import { type DataLayout, dataLayout } from "./layout.ts";
import { type DataLock, lockDirectory } from "./lock.ts";
import { loadPorts, type Ports } from "./ports.ts";
import { loadSecrets, type Secrets } from "./secrets.ts";

export interface OpenDataDir {
  readonly layout: DataLayout;
  readonly lock: DataLock;
  readonly secrets: Secrets;
  readonly ports: Ports;
  /** Names of processes that a crash had left. */
  readonly ended: readonly string[];
}

/** Throws StartRefusal when the directory cannot be used or another Berth runs on it. */
export async function openDataDir(directory: string): Promise<OpenDataDir> {
  const layout = dataLayout(directory);
  await makeDirectory(layout);
  const lock = await lockDirectory(directory);
  if (lock === null) {
    const pids = Object.entries(await readChildren(layout.children)).map(([name, { pid }]) => `${name} ${pid}`);
    throw new StartRefusal(
      `Berth runs on ${directory} already (${pids.join(", ") || "it is starting"}): stop it, or choose another --data-dir.`,
    );
  }
  const ended = await endLeftovers(layout.children);
  return { layout, lock, ended, secrets: await loadSecrets(layout.secrets), ports: await loadPorts(layout.ports) };
}

async function makeDirectory(layout: DataLayout): Promise<void> {
  try {
    await mkdir(layout.directory, { recursive: true });
    // Users that the engine maps root of a container to must pass through it, and may not list it.
    await chmod(layout.directory, 0o711);
    for (const folder of [layout.logs, layout.database, layout.runnerHost])
      await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartRefusal(`${describe(layout.directory, error)} Choose another with --data-dir.`);
  }
}

function describe(directory: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EPERM" || code === "EACCES") return `You may not write in the data directory ${directory}.`;
  const problem = error instanceof Error ? error.message : String(error);
  return `The data directory ${directory} cannot be used (${problem}).`;
}
