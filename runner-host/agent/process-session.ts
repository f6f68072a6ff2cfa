// Knows the processes of one terminal, all that share the shell's session id, in whatever process group: signals them, and sees which has the foreground.

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

/** Whether this process' own group has the foreground of its terminal; one that is gone keeps nobody busy. */
export function hasForeground(pid: number): boolean {
  const fields = readStat(pid);
  return fields === null || fields[2] === fields[5] || Number(fields[5]) <= 0;
}

function readSession(pid: number): number | null {
  const fields = readStat(pid);
  return fields === null ? null : Number(fields[3]);
}

/** proc(5): after the program's name in parentheses come state, parent, process group, session, terminal and the terminal's foreground group. */
function readStat(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
