// Which warnings of its end a session is given, each once for a deadline: one that moves is warned of anew; pure.

import { type SessionDeadline, warningsBeforeMs } from "#wire/session-deadline.ts";
import { deadlineOf, type KeptTimes } from "./session-times.ts";

/** Of a short time no more than this part is spent warning. */
const WARNED_PART_MOST = 1 / 2;

/** When the next warning of the session's present deadline is due, or null once all were given. */
export function nextWarningAt(state: KeptTimes): number | null {
  const deadline = deadlineOf(state);
  return warningTimes(state, deadline)[givenCount(state, deadline)] ?? null;
}

/** The same state when none is due. Of several that are due, which a late alarm finds, the last is given. */
export function noteWarned<S extends KeptTimes>(state: S, now: number): S {
  const deadline = deadlineOf(state);
  const count = warningTimes(state, deadline).filter((at) => at <= now).length;
  return count > givenCount(state, deadline) ? { ...state, warned: { at: deadline.at, count } } : state;
}

function givenCount({ warned }: KeptTimes, { at }: SessionDeadline): number {
  return warned?.at === at ? warned.count : 0;
}

function warningTimes(state: KeptTimes, { at, rule }: SessionDeadline): number[] {
  const windowMs = rule === "idle" ? state.idleMs : at - (state.extendedAt ?? state.createdAt);
  return warningsBeforeMs.map((beforeMs) => at - Math.min(beforeMs, windowMs * WARNED_PART_MOST));
}
