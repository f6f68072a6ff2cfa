// The sentences that a terminal shows about itself.

import { limits } from "#wire/limits.ts";
import { predictionLimits } from "../prediction/prediction-limits.ts";
import type { TerminalPhase } from "./terminal-event.ts";

export function describeMissing(bytes: number): string {
  const amount =
    bytes < 1024
      ? `${bytes} ${bytes === 1 ? "byte" : "bytes"}`
      : bytes < 1024 * 1024
        ? `${Math.round(bytes / 1024)} KiB`
        : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return `--- ${amount} of earlier output ${bytes === 1 ? "is" : "are"} no longer kept ---`;
}

/** True of every way in which a shell is replaced unseen: its container was started again, or another tab asked for a new one. */
export const newShellLine =
  "--- The shell that was here has ended, as when the lab is started again: this is a new shell. Your files are as you left them. ---";

export function describeExit(exitCode: number): string {
  return exitCode === 0 ? "Shell exited." : `Shell exited with code ${exitCode}.`;
}

/** How a terminal is called: by its number, as people count. */
export function nameTerminal(terminal: number): string {
  return `Terminal ${terminal + 1}`;
}

/** The terminal has the size of another tab's or device's window. */
export function describeElsewhere(isTouch: boolean): string {
  return `Sized for another tab or device. ${isTouch ? "Tap" : "Click"} or type here to use this one.`;
}

export const fullSentence = `A lab has at most ${limits.terminalsPerSession} terminals. Close one to open another.`;

/** Whether typing is shown before its echo now. */
export function describePrediction(isOn: boolean, roundTripMs: number | null): { text: string; isActive: boolean } {
  if (!isOn) return { text: "off", isActive: false };
  if (roundTripMs === null) return { text: "on, not needed yet", isActive: false };
  return roundTripMs > predictionLimits.shownAboveMs
    ? { text: "active", isActive: true }
    : { text: "not needed, you are close", isActive: false };
}

/** What a screen reader is told when the phase changes; null when there is nothing to say. */
export function announcePhase(terminal: number, phase: TerminalPhase): string | null {
  switch (phase.name) {
    case "waiting":
      return null;
    case "attached":
      return `${nameTerminal(terminal)} ready.`;
    case "exited":
      return `${describeExit(phase.exitCode)} Press Enter for a new shell.`;
    case "failed":
      return `${nameTerminal(terminal)} could not be opened. ${phase.message}`;
  }
}

/** Lines of at most `cols` characters, broken between words where a word fits. */
export function wrapWords(text: string, cols: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > cols) {
      lines.push(line);
      line = word;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
