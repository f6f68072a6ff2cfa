// The one line that stands between the learner and the terminal, if any, and what can be done about it.

import { limits } from "#wire/limits.ts";
import type { LabSnapshot } from "../session/lab.ts";
import { describeStatus, isTypingKept } from "../session/session-sentences.ts";
import { describeExit } from "./terminal-sentences.ts";

export type Situation = {
  tone: "neutral" | "warning" | "bad";
  text: string;
  /** What else is worth knowing. */
  note: string | null;
  action: { does: "hurry" | "reload" | "restart"; name: string } | null;
};

const refusedInput = `Not typed: at most ${limits.unsentInputBytes / 1024} KB can wait to be sent, so send it in parts`;

type Seen = Pick<LabSnapshot, "session" | "connection" | "phase">;

/** `hasRung`: a key press was refused a moment ago. Null: the terminal can be used. */
export function describeSituation(
  { session, connection, phase }: Seen,
  hasRung: boolean,
  now: number,
): Situation | null {
  if (hasRung) return { tone: "warning", text: refusedInput, note: null, action: null };
  const { tone, text, action } = describeStatus(session, connection, now);
  if (tone === "warning" || tone === "bad") {
    const note = isTypingKept(session, connection) ? "What you type is kept and sent." : null;
    if (action === "retry_now") return { tone, text, note, action: { does: "hurry", name: "Retry now" } };
    return { tone, text, note, action: action === "reload" ? { does: "reload", name: "Reload" } : null };
  }
  switch (phase.name) {
    case "attached":
      return null;
    case "waiting":
      return { tone: "neutral", text: "Opening a shell", note: null, action: null };
    case "exited":
      return {
        tone: "neutral",
        text: `${describeExit(phase.exitCode)} Press Enter for a new shell.`,
        note: null,
        action: { does: "restart", name: "New shell" },
      };
    case "failed":
      return {
        tone: "bad",
        text: `No terminal: ${phase.message}`,
        note: null,
        action: { does: "restart", name: "Try again" },
      };
  }
}
