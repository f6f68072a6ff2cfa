// Remembers for this tab which terminal of each session was selected; a browser that keeps nothing still works.

import { limits } from "#wire/limits.ts";
import { noteLimit } from "../page-log.ts";

const keyOf = (sessionId: string): string => `berth.terminal.${sessionId}`;

export function readKeptTerminal(sessionId: string): number {
  try {
    const kept = Number.parseInt(sessionStorage.getItem(keyOf(sessionId)) ?? "", 10);
    return kept >= 0 && kept < limits.terminalsPerSession ? kept : 0;
  } catch {
    return 0;
  }
}

export function keepTerminal(sessionId: string, terminal: number): void {
  try {
    sessionStorage.setItem(keyOf(sessionId), String(terminal));
  } catch (error) {
    noteLimit("The selected terminal cannot be kept in this browser.", error);
  }
}
