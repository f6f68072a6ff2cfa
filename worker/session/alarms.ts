// The named alarms of a session over the object's one alarm: what is due, and when the next is.

import { limits } from "#wire/limits.ts";
import { type DeadlineName, isActive, type SessionState } from "./session-state.ts";

export type Deadline = { deadline: DeadlineName; dueAt: number };

export function deadlinesOf(state: SessionState): Deadline[] {
  if (!isActive(state)) return [];
  const total: Deadline = { deadline: "total", dueAt: state.expiresAt };
  if (state.state === "starting") return [total, { deadline: "start", dueAt: state.deadlineAt }];
  if (state.cutAt !== null) return [total, { deadline: "host_grace", dueAt: state.cutAt + limits.hostGraceMs }];
  if (state.state === "running") return [total, { deadline: "step", dueAt: state.deadlineAt }];
  return [total];
}

export function dueDeadlines(state: SessionState, now: number): Deadline[] {
  return deadlinesOf(state).filter(({ dueAt }) => dueAt <= now);
}

/** `retryAt` is the earliest retry of a pending effect. A connected host is looked at every limits.hostWatchEveryMs. */
export function nextAlarmAt(state: SessionState, retryAt: number | null, now: number): number | null {
  const times = deadlinesOf(state).map(({ dueAt }) => dueAt);
  if (retryAt !== null) times.push(retryAt);
  if ((state.state === "running" || state.state === "ready") && state.cutAt === null) {
    times.push(now + limits.hostWatchEveryMs);
  }
  return times.length === 0 ? null : Math.min(...times);
}
