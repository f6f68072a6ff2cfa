// One page of a learner's history, put together from the database's rows and those that still wait in the learner's object; pure.

import { AppError } from "#wire/errors.ts";
import { type History, type HistorySession, historyCursorSchema, historySessionSchema } from "#wire/history.ts";
import { limits } from "#wire/limits.ts";
import type { HistoryRow, SessionStart } from "../db/history-rows.ts";

export type PageWish = { before: SessionStart | null; limit: number };

/** What a request's query asks for. */
export function readPageWish(query: URLSearchParams): PageWish {
  const limit = Number(query.get("limit") ?? limits.historyPageUsualSessions);
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.historyPageSessions)
    throw new AppError("bad_request", `limit: ask for 1 to ${limits.historyPageSessions} sessions.`);
  const text = query.get("before");
  if (text === null) return { before: null, limit };
  const cursor = historyCursorSchema.safeParse(text);
  if (!cursor.success) throw new AppError("bad_request", "before: send the `next` of the page before.");
  const [at = "", session = ""] = cursor.data.split("-");
  return { before: { session, at: Number(at) }, limit };
}

export type ChosenSessions = { sessions: SessionStart[]; next: string | null };

/** The newest `limit` of the database's starts and the waiting ones; both must hold one more than that where there is one. */
export function choosePage(
  starts: readonly SessionStart[],
  waiting: readonly HistoryRow[],
  { before, limit }: PageWish,
): ChosenSessions {
  const bySession = new Map<string, SessionStart>();
  for (const { session, at } of [...starts, ...waiting.filter(({ kind }) => kind === "started")]) {
    bySession.set(session, { session, at });
  }
  const behind = [...bySession.values()].filter((start) => before === null || newestFirst(before, start) < 0);
  const sorted = behind.toSorted(newestFirst);
  const sessions = sorted.slice(0, limit);
  const last = sessions.at(-1);
  const hasMore = sorted.length > limit && last !== undefined;
  return { sessions, next: hasMore ? `${last.at}-${last.session}` : null };
}

/** `rows` may hold a row twice, by its id: the database has it and its object does not know yet. */
export function describeHistory({ sessions, next }: ChosenSessions, rows: readonly HistoryRow[]): History {
  const bySession = Map.groupBy(new Map(rows.map((row) => [row.id, row])).values(), ({ session }) => session);
  return { sessions: sessions.map((start) => describeSession(start, bySession.get(start.session) ?? [])), next };
}

function describeSession({ session, at }: SessionStart, unsorted: readonly HistoryRow[]): HistorySession {
  const rows = unsorted.toSorted((a, b) => a.at - b.at || a.epoch - b.epoch);
  const last = rows.at(-1);
  const end = rows.find(({ kind }) => kind === "ended");
  return historySessionSchema.parse({
    id: session,
    challengeId: last?.challenge,
    version: last?.challengeVersion,
    startedAt: at,
    readyAt: rows.find(({ kind }) => kind === "ready")?.at ?? null,
    extensions: rows.filter(({ kind }) => kind === "extended").length,
    ended:
      end === undefined
        ? null
        : { at: end.at, state: end.finalState, reason: { code: end.reasonCode, message: end.reasonMessage } },
  });
}

function newestFirst(a: SessionStart, b: SessionStart): number {
  return b.at - a.at || (a.session < b.session ? 1 : a.session > b.session ? -1 : 0);
}
