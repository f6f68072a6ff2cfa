// What a change of a session's state adds to its history; pure.

import type { HistoryRow } from "../db/history-rows.ts";
import { type Active, type Ended, isActive, type SessionState } from "./session-state.ts";

/** A row without its id, which is drawn when it is stored. */
export type HistoryEntry = Omit<HistoryRow, "id">;

/** In the order in which they happened; one change can start a session and end it. */
export function historyOf(before: SessionState, after: SessionState, now: number): HistoryEntry[] {
  if (after.state === "none") return [];
  const earlier = before.state !== "none" && before.session === after.session ? before : null;
  const wasActive = earlier === null || isActive(earlier);
  const kinds: HistoryEntry["kind"][] = [];
  if (earlier === null) kinds.push("started");
  if (after.state === "ready" && earlier?.state !== "ready") kinds.push("ready");
  if (isActive(after) && earlier !== null && after.expiresAt > earlier.expiresAt) kinds.push("extended");
  if (!isActive(after) && wasActive) kinds.push("ended");
  return kinds.map((kind) => entryOf(after, kind, now));
}

function entryOf(state: Active | Ended, kind: HistoryEntry["kind"], at: number): HistoryEntry {
  const { user, session, epoch, challenge, host } = state;
  const end = kind === "ended" && "reason" in state ? state : null;
  return {
    user,
    session,
    epoch,
    kind,
    challenge: challenge.slug,
    challengeVersion: challenge.version,
    host,
    finalState: end?.state ?? null,
    reasonCode: end?.reason.code ?? null,
    reasonMessage: end?.reason.message ?? null,
    at,
  };
}
