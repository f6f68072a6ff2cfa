// Signals the processes of one terminal: all that share the shell's session id, in whatever process group.

import { readdirSync, readFileSync } from "node:fs";

/** Sends a signal to a process; nothing happens when it is gone or belongs to another user. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM"))) throw error;
  }
}

export function signalSession(session: number, signal: NodeJS.Signals): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && readSession(pid) === session) signalProcess(pid, signal);
  }
}

/** proc(5): after the program's name in parentheses come state, parent, process group and session. */
function readSession(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
  } catch {
    return null;
  }
}
