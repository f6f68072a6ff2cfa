// The named alarms of a session over the object's one alarm: what is due, and when the next is.

import { limits } from "#wire/limits.ts";
import { type Active, type DeadlineName, isActive, type SessionState } from "./session-state.ts";
import { deadlineOf } from "./session-times.ts";
import { nextWarningAt } from "./warnings.ts";

export type Deadline = { deadline: DeadlineName; dueAt: number };

export function deadlinesOf(state: SessionState): Deadline[] {
  if (!isActive(state)) return [];
  return [...endOf(state), ...ofStep(state)];
}

/** The end that no step stands against, first, and what is to be told before it. */
function endOf(state: Active): Deadline[] {
  const { at, rule } = deadlineOf(state);
  const warningAt = nextWarningAt(state);
  const end: Deadline = { deadline: rule, dueAt: at };
  return warningAt === null ? [end] : [end, { deadline: "warning", dueAt: warningAt }];
}

function ofStep(state: Active): Deadline[] {
  if (state.state === "starting") return [{ deadline: "start", dueAt: state.deadlineAt }];
  if (state.cutAt !== null) return [{ deadline: "host_grace", dueAt: state.cutAt + limits.hostGraceMs }];
  return state.state === "running" ? [{ deadline: "step", dueAt: state.deadlineAt }] : [];
}

export function dueDeadlines(state: SessionState, now: number): Deadline[] {
  return deadlinesOf(state).filter(({ dueAt }) => dueAt <= now);
}

/** `retryAt` is the earliest retry of a pending effect or of the outbox. A connected host is looked at every limits.hostWatchEveryMs. */
export function nextAlarmAt(state: SessionState, retryAt: number | null, now: number): number | null {
  const times = deadlinesOf(state).map(({ dueAt }) => dueAt);
  if (retryAt !== null) times.push(retryAt);
  if ((state.state === "running" || state.state === "ready") && state.cutAt === null) {
    times.push(now + limits.hostWatchEveryMs);
  }
  return times.length === 0 ? null : Math.min(...times);
}
