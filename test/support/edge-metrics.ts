// What a running Berth's edge counts, and how much memory it holds.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSecrets } from "../../local/data-dir/secrets.ts";
import type { Stack } from "./stack.ts";

/** Counts by metric and labels as they are written: `berth_edge_frames_total{leg="data",direction="out"}` without prefix and suffix is `frames{leg="data",direction="out"}`. */
export type EdgeCounts = ReadonlyMap<string, number>;

/** Asks the Worker alone: no object is woken. */
export async function readEdgeCounts(stack: Stack): Promise<EdgeCounts> {
  const { metricsToken } = await loadSecrets(join(stack.dataDir, "secrets.json"));
  const answer = await fetch(`${stack.address}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`GET /metrics answered ${answer.status}: ${text}`);
  const samples = text.matchAll(/^berth_edge_(\w+)_total(\{.*\}) (\d+)$/gm);
  return new Map([...samples].map(([, name, labels, count]) => [`${name}${labels}`, Number(count)]));
}

/** How often objects of this class came to memory. */
export function constructions(counts: EdgeCounts, className: "UserSession" | "RunnerPool"): number {
  return counts.get(`objects_constructed{class="${className}"}`) ?? 0;
}

/** Sockets closed by that close code's name. */
export function closes(counts: EdgeCounts, name: string): number {
  return counts.get(`sockets_closed{name="${name}"}`) ?? 0;
}

/** Resident memory of the edge's process. */
export async function edgeResidentBytes(stack: Stack): Promise<number> {
  const { edge } = await stack.children();
  if (edge === undefined) throw new Error("the edge does not run");
  const [, residentKiB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${edge.pid}/status`, "utf8")) ?? [];
  return Number(residentKiB) * 1024;
}
