// What a session comes to when one of its alarms is due; pure.

import { limits } from "#wire/limits.ts";
import type { Active, SessionEvent } from "./session-state.ts";
import { deadlineOf } from "./session-times.ts";
import { end, fail, type Step, stay } from "./step.ts";
import { noteWarned } from "./warnings.ts";

export function onDeadline(state: Active, event: SessionEvent & { type: "deadline" }, now: number): Step {
  const isLate = now - event.dueAt > limits.alarmLateMs;
  switch (event.deadline) {
    case "warning":
      return stay(noteWarned(state, now));
    case "idle":
      if (isLate) return afterAbsence({ ...state, lastActiveAt: now }, now);
      return end(state, "expired", "idle_too_long", "Nobody used the session for too long.");
    case "total":
      return end(state, "expired", "total_time_over", "The session's time was over, and nobody extended it.");
    case "most":
      return end(state, "expired", "total_time_over", "The session reached its longest time.");
    default:
      return onStepDeadline(state, event.deadline, isLate, now);
  }
}

/** Nobody could be active while the edge was away; the other rules hold all the same. */
function afterAbsence(state: Active, now: number): Step {
  const { at, rule } = deadlineOf(state);
  return at <= now ? onDeadline(state, { type: "deadline", deadline: rule, dueAt: at }, now) : stay(state);
}

type StepDeadline = "start" | "step" | "host_grace";

function onStepDeadline(state: Active, deadline: StepDeadline, isLate: boolean, now: number): Step {
  if (state.state === "starting") {
    if (deadline !== "start") return stay(state);
    if (isLate) return stay({ ...state, deadlineAt: now + limits.startTimeoutMs });
    return fail(state, "start_timed_out", "The container did not answer in time.");
  }
  if (deadline === "host_grace") {
    if (state.cutAt === null) return stay(state);
    if (isLate) return stay({ ...state, cutAt: now });
    return fail(state, "host_lost", "The machine that held the container has not been heard from.");
  }
  if (state.state === "ready" || deadline !== "step" || state.cutAt !== null) return stay(state);
  if (state.step === "agent") {
    if (isLate) return stay({ ...state, deadlineAt: now + limits.startTimeoutMs });
    return fail(state, "start_timed_out", "The container started but its agent did not answer in time.");
  }
  if (isLate) return stay({ ...state, deadlineAt: now + limits.layTimeoutMs });
  return fail(state, "starter_failed", "The challenge's files could not be written in time.");
}
