// The life of a session as one pure transition; the object stores what it returns and carries out its effects.

import { limits } from "#wire/limits.ts";
import { noteActive } from "./activity.ts";
import { extend } from "./extension.ts";
import { onDeadline } from "./on-deadline.ts";
import type { Ended, Ready, Running, SessionEvent, SessionState, Starting } from "./session-state.ts";
import { firstTimes } from "./session-times.ts";
import { endByLearner, fail, releaseOf, type Step, stay } from "./step.ts";

/** Events that a state does not take are listed in its switch and leave it as it is. */
export function transition(state: SessionState, event: SessionEvent, now: number): Step {
  if ("epoch" in event && (state.state === "none" || state.epoch !== event.epoch)) return stay(state);
  switch (state.state) {
    case "none":
      return event.type === "open" ? open(event, 1, now) : stay(state);
    case "starting":
      return fromStarting(state, event, now);
    case "running":
      return fromRunning(state, event, now);
    case "ready":
      return fromReady(state, event, now);
    case "stopped":
    case "failed":
    case "expired":
      return fromEnded(state, event, now);
    default:
      return state satisfies never;
  }
}

function fromStarting(state: Starting, event: SessionEvent, now: number): Step {
  switch (event.type) {
    case "placed":
    case "data_attached":
      return stay({ ...state, host: state.host ?? event.host });
    case "hello":
      if (state.host === null) return stay(state);
      return stay({
        ...state,
        state: "running",
        host: state.host,
        step: "agent",
        deadlineAt: now + limits.startTimeoutMs,
        cutAt: null,
      });
    case "no_host":
      return fail(state, "no_runner_host", event.message);
    case "claim_failed":
      return fail(state, event.code === "no_room" ? "no_runner_host" : "container_failed", event.message);
    case "container_lost":
      return fail(state, "container_lost", event.message);
    case "active":
      return stay(noteActive(state, now));
    case "extend":
      return stay(extend(state, now));
    case "deadline":
      return onDeadline(state, event, now);
    case "end":
      return endByLearner(state);
    case "open":
    case "data_cut":
    case "agent_up":
    case "laid":
    case "lay_failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function fromRunning(state: Running, event: SessionEvent, now: number): Step {
  switch (event.type) {
    case "data_attached":
      return stay({ ...state, cutAt: null });
    case "hello":
      return stay({ ...state, step: "agent", deadlineAt: now + limits.startTimeoutMs, cutAt: null });
    case "data_cut":
      return stay(state.cutAt === null ? { ...state, cutAt: now } : state);
    case "agent_up":
      return {
        state: { ...state, step: "starter", deadlineAt: now + limits.layTimeoutMs },
        effects: [{ kind: "lay", session: state.session, epoch: state.epoch, version: state.challenge.version }],
      };
    case "laid": {
      if (event.version !== state.challenge.version) return stay(state);
      const { step: _step, deadlineAt: _deadlineAt, ...rest } = state;
      return stay({ ...rest, state: "ready" });
    }
    case "lay_failed":
      return event.version === state.challenge.version ? fail(state, "starter_failed", event.message) : stay(state);
    case "claim_failed":
      return fail(state, "container_failed", event.message);
    case "container_lost":
      return fail(state, "container_lost", event.message);
    case "active":
      return stay(noteActive(state, now));
    case "extend":
      return stay(extend(state, now));
    case "deadline":
      return onDeadline(state, event, now);
    case "end":
      return endByLearner(state);
    case "open":
    case "placed":
    case "no_host":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function fromReady(state: Ready, event: SessionEvent, now: number): Step {
  switch (event.type) {
    case "data_attached":
    case "hello":
      return stay(state.cutAt === null ? state : { ...state, cutAt: null });
    case "data_cut":
      return stay(state.cutAt === null ? { ...state, cutAt: now } : state);
    case "claim_failed":
      return fail(state, "container_failed", event.message);
    case "container_lost":
      return fail(state, "container_lost", event.message);
    case "active":
      return stay(noteActive(state, now));
    case "extend":
      return stay(extend(state, now));
    case "deadline":
      return onDeadline(state, event, now);
    case "end":
      return endByLearner(state);
    case "open":
    case "placed":
    case "no_host":
    case "agent_up":
    case "laid":
    case "lay_failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function fromEnded(state: Ended, event: SessionEvent, now: number): Step {
  switch (event.type) {
    case "open":
      return open(event, state.epoch + 1, now);
    case "placed":
      // The answer to a placement overtaken by the end: its lease may be younger than the release.
      return { state, effects: [releaseOf(state)] };
    case "active":
    case "extend":
    case "end":
    case "deadline":
    case "no_host":
    case "claim_failed":
    case "data_attached":
    case "hello":
    case "data_cut":
    case "agent_up":
    case "laid":
    case "lay_failed":
    case "container_lost":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function open(event: SessionEvent & { type: "open" }, epoch: number, now: number): Step {
  const { user, session, pool, challenge, lengths } = event;
  const placed = { user, session, epoch, pool, challenge, ...firstTimes(lengths, now) };
  return {
    state: { ...placed, state: "starting", host: null, deadlineAt: now + limits.startTimeoutMs },
    effects: [{ kind: "place", pool, user, session, epoch, images: challenge.images }],
  };
}
