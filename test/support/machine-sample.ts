// Counts what a running Berth holds of the machine, so that two moments can be compared: processes, mounts, loops, cgroups, files, disk, memory.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../runner-host/engine/command.ts";
import { listLoopsBelow, mountPointsBelow, readMountPoints } from "../../runner-host/engine/mounts.ts";
import { findEngineProcesses } from "../../runner-host/engine/processes.ts";
import type { Stack } from "./stack.ts";
import { layoutOf } from "./traces.ts";

const HIERARCHIES = "/sys/fs/cgroup";

export interface MachineSample {
  /** Must be equal once nothing runs. */
  readonly counts: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
}

export async function sampleMachine(stack: Stack): Promise<MachineSample> {
  const layout = layoutOf(stack.dataDir);
  const children = await stack.children();
  const engine = await findEngineProcesses(layout.run);
  const mounts = mountPointsBelow(await readMountPoints(), layout.run);
  return {
    counts: {
      engineProcesses: engine.length,
      mounts: mounts.length,
      loops: (await listLoopsBelow(layout.directory)).length,
      cgroups: countCgroups(layout.name),
      netNamespaces: countFiles(join(layout.engineExecRoot, "netns")),
      diskFiles: countFiles(layout.diskFiles),
      socketFolders: countFiles(layout.sockets),
      records: countFiles(join(stack.dataDir, "runner-host/sessions")),
      containerFolders: countBelow(layout.engineDataRoot, "containers"),
      layerFolders: countBelow(layout.engineDataRoot, "image/overlay2/layerdb/mounts"),
      ...Object.fromEntries(
        Object.entries(children).map(([name, { pid }]) => [`descriptors of ${name}`, countFiles(`/proc/${pid}/fd`)]),
      ),
    },
    bytes: {
      engineDisk: await sizeBelow(layout.engineDataRoot),
      runnerHostDisk: await sizeBelow(join(stack.dataDir, "runner-host")),
      objectsDisk: await sizeBelow(join(stack.dataDir, "objects")),
      databaseDisk: await sizeBelow(join(stack.dataDir, "database")),
      ...Object.fromEntries(
        ["edge", "runner-host", "database"].map((name) => [`memory of ${name}`, residentBytes(children[name]?.pid)]),
      ),
    },
  };
}

/** One line for each figure, the later beside the earlier. */
export function compareSamples(before: MachineSample, after: MachineSample): string {
  const lines = [
    ...Object.keys(after.counts).map((name) => `${name}: ${before.counts[name]} -> ${after.counts[name]}`),
  ];
  for (const [name, bytes] of Object.entries(after.bytes))
    lines.push(`${name}: ${inMiB(before.bytes[name] ?? 0)} -> ${inMiB(bytes)} MiB`);
  return lines.join("\n");
}

function inMiB(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(2);
}

function countFiles(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

function countCgroups(name: string): number {
  return readdirSync(HIERARCHIES).reduce((sum, one) => {
    const folder = join(HIERARCHIES, one, name);
    return existsSync(folder)
      ? sum + readdirSync(folder, { withFileTypes: true }).filter((x) => x.isDirectory()).length
      : sum;
  }, 0);
}

/** Files in `place` of the folder that the engine keeps for its user mapping. */
function countBelow(dataRoot: string, place: string): number {
  return readdirSync(dataRoot).reduce((sum, mapping) => sum + countFiles(join(dataRoot, mapping, place)), 0);
}

/** What files take of the disk; tried again when some went meanwhile, which is an error for du. */
async function sizeBelow(folder: string): Promise<number> {
  const measure = (): Promise<string> =>
    runCommand("du", ["--summarize", "--one-file-system", "--block-size=1", folder]);
  return Number((await measure().catch(measure).catch(measure)).split("\t")[0]);
}

function residentBytes(pid: number | undefined): number {
  if (pid === undefined) return 0;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
