// Signals the processes that this one has started, whichever part of it started them.

import { readFileSync } from "node:fs";
import { signalProcess } from "../../runner-host/engine/processes.ts";

export function signalOwnChildren(signal: NodeJS.Signals): void {
  // Node starts processes from its first thread, whose id is the process's.
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  for (const pid of pids.split(" ").filter((text) => text !== "")) signalProcess(Number(pid), signal);
}
