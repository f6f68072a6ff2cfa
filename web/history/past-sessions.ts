// A learner's sessions as the history page lists them: what the database knows, and the one that is open now, by day.

import type { HistorySession } from "#wire/history.ts";
import type { EndCode, Session } from "#wire/session.ts";

/** `unrecorded`: it is over, but history has not heard how. */
export type PastEnd =
  | { name: "open" }
  | { name: "unrecorded" }
  | { name: "ended"; at: number; code: EndCode; message: string };

export type PastSession = { id: string; challengeId: string; startedAt: number; end: PastEnd };
export type Day = { startsAt: number; sessions: PastSession[] };

/** `open` is the session that goes on, null when there is none, undefined while that is not known. */
export function listSessions(recorded: readonly HistorySession[], open: Session | null | undefined): PastSession[] {
  const past = recorded.map(({ id, challengeId, startedAt, ended }): PastSession => {
    if (ended !== null) return { id, challengeId, startedAt, end: { name: "ended", at: ended.at, ...ended.reason } };
    const isOpen = open === undefined || open?.id === id;
    return { id, challengeId, startedAt, end: { name: isOpen ? "open" : "unrecorded" } };
  });
  if (!open || open.challengeId === null || past.some(({ id }) => id === open.id)) return past;
  return [{ id: open.id, challengeId: open.challengeId, startedAt: open.createdAt, end: { name: "open" } }, ...past];
}

/** By the reader's days, in the order of the list. */
export function groupByDay(sessions: readonly PastSession[]): Day[] {
  const days: Day[] = [];
  for (const session of sessions) {
    const startsAt = new Date(session.startedAt).setHours(0, 0, 0, 0);
    const day = days.at(-1);
    if (day?.startsAt === startsAt) day.sessions.push(session);
    else days.push({ startsAt, sessions: [session] });
  }
  return days;
}
