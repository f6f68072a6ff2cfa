// Signals the processes that this one has started, whichever part of it started them.

import { readFileSync } from "node:fs";
import { signalProcess } from "../../runner-host/engine/processes.ts";

/** Commands that run for this process, with all that they started. What was detached from it is left to its owner. */
export function signalCommands(signal: NodeJS.Signals): void {
  const session = readSession(process.pid);
  const visit = (pid: number): void => {
    for (const child of readChildPids(pid)) {
      if (readSession(child) !== session) continue;
      visit(child);
      signalProcess(child, signal);
    }
  };
  visit(process.pid);
}

/** Everything at once, detached or not. */
export function killOwnChildren(): void {
  signalCommands("SIGKILL");
  for (const child of readChildPids(process.pid)) signalProcess(child, "SIGKILL");
}

/** Processes start others from their first thread, whose id is their own. */
function readChildPids(pid: number): number[] {
  const text = readOr(`/proc/${pid}/task/${pid}/children`);
  return text
    .split(" ")
    .filter((part) => part !== "")
    .map(Number);
}

function readSession(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended meanwhile.
    return "";
  }
}
