// The one line that stands between the learner and the terminal, if any, and what can be done about it.

import { limits } from "#wire/limits.ts";
import type { LabSnapshot } from "../session/lab.ts";
import { describeStatus, isTypingKept } from "../session/session-sentences.ts";
import type { TerminalPhase } from "./terminal-event.ts";
import { describeExit } from "./terminal-sentences.ts";

export type Situation = {
  tone: "neutral" | "warning" | "bad";
  text: string;
  /** What else is worth knowing. */
  note: string | null;
  /** The way to the container is the matter: the connection's check can tell more. */
  isConnection: boolean;
  action: { does: "hurry" | "reload" | "restart"; name: string } | null;
};

export const refusedInput = `Not typed: at most ${limits.unsentInputBytes / 1024} KB can wait to be sent, so send it in parts`;

type Seen = Pick<LabSnapshot, "session" | "connection"> & { phase: TerminalPhase; isOnline: boolean };

/** `refused`: why something was not done a moment ago. Null: the terminal can be used. */
export function describeSituation(
  { session, connection, phase, isOnline }: Seen,
  refused: string | null,
  now: number,
): Situation | null {
  if (refused !== null) return { tone: "warning", text: refused, note: null, isConnection: false, action: null };
  const { tone, text, action } = describeStatus(session, connection, now, isOnline);
  if (tone === "warning" || tone === "bad") {
    const note = isTypingKept(session, connection) ? "What you type is kept and sent." : null;
    if (action === "retry_now")
      return { tone, text, note, isConnection: true, action: { does: "hurry", name: "Retry now" } };
    return {
      tone,
      text,
      note,
      isConnection: true,
      action: action === "reload" ? { does: "reload", name: "Reload" } : null,
    };
  }
  switch (phase.name) {
    case "attached":
      return null;
    case "waiting":
      return { tone: "neutral", text: "Opening a shell", note: null, isConnection: false, action: null };
    case "exited":
      return {
        tone: "neutral",
        text: `${describeExit(phase.exitCode)} Press Enter for a new shell.`,
        note: null,
        isConnection: false,
        action: { does: "restart", name: "New shell" },
      };
    case "failed":
      return {
        tone: "bad",
        text: `No terminal: ${phase.message}`,
        note: null,
        isConnection: false,
        action: { does: "restart", name: "Try again" },
      };
  }
}
