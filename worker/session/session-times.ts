// The times of a session: how long it may last, when it ends by itself, and when it can be extended; pure.

import { limits } from "#wire/limits.ts";
import { type SessionDeadline, sessionDeadline, type SessionTimes } from "#wire/session-deadline.ts";
import type { SessionLengths } from "#wire/session-lengths.ts";

/** What the machine keeps of them, in epoch milliseconds; a session keeps the lengths that it was opened with. */
export type KeptTimes = {
  createdAt: number;
  /** To limits.activityNoteEveryMs, and never in the future of the clock that noted it. */
  lastActiveAt: number;
  idleMs: number;
  expiresAt: number;
  mostAt: number;
  extendedAt: number | null;
  /** How many of the warnings of the deadline at `at` were given. */
  warned: { at: number; count: number } | null;
};

export function firstTimes({ idleMs, totalMs, mostMs }: SessionLengths, now: number): KeptTimes {
  const ends = { expiresAt: now + totalMs, mostAt: now + mostMs };
  return { createdAt: now, lastActiveAt: now, idleMs, ...ends, extendedAt: null, warned: null };
}

export function keptTimesOf(state: KeptTimes): KeptTimes {
  const { createdAt, lastActiveAt, idleMs, expiresAt, mostAt, extendedAt, warned } = state;
  return { createdAt, lastActiveAt, idleMs, expiresAt, mostAt, extendedAt, warned };
}

export function timesOf({ lastActiveAt, idleMs, expiresAt, mostAt }: KeptTimes): SessionTimes {
  return { idleAt: lastActiveAt + idleMs, expiresAt, mostAt };
}

export function deadlineOf(times: KeptTimes): SessionDeadline {
  return sessionDeadline(timesOf(times));
}

/** When the next extension is taken, or null when none would move the end any more. */
export function extendableAt({ createdAt, expiresAt, mostAt, extendedAt }: KeptTimes): number | null {
  if (expiresAt >= mostAt) return null;
  const movesFrom = Math.max(createdAt, expiresAt - limits.extendByMs);
  return extendedAt === null ? movesFrom : Math.max(movesFrom, extendedAt + limits.extendEveryMs);
}

/** Of a session that was stored before it had them all. */
export function fillTimes(stored: Pick<KeptTimes, "createdAt"> & Partial<KeptTimes>, now: number): KeptTimes {
  const { createdAt } = stored;
  const ends = { expiresAt: createdAt + limits.sessionTotalMs, mostAt: createdAt + limits.sessionMostMs };
  return { lastActiveAt: now, idleMs: limits.sessionIdleMs, ...ends, extendedAt: null, warned: null, ...stored };
}

/** The same state unless the clock went back: nothing has happened in the future, and no session is younger than new. */
export function followClock<S extends KeptTimes>(state: S, now: number): S {
  const aheadMs = Math.max(0, state.createdAt - now);
  const isExtendedAhead = state.extendedAt !== null && state.extendedAt > now;
  if (aheadMs === 0 && state.lastActiveAt <= now && !isExtendedAhead) return state;
  return {
    ...state,
    createdAt: state.createdAt - aheadMs,
    lastActiveAt: Math.min(state.lastActiveAt, now),
    expiresAt: state.expiresAt - aheadMs,
    mostAt: state.mostAt - aheadMs,
    extendedAt: isExtendedAhead ? now : state.extendedAt,
  };
}
