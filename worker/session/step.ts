// What a transition comes to: the next state and what it orders; every end releases the host.

import type { EndCode } from "#wire/session.ts";
import type { Active, Effect, Ended, Placed, SessionState } from "./session-state.ts";
import { keptTimesOf } from "./session-times.ts";

export type Step = { state: SessionState; effects: Effect[] };

export function endByLearner(state: Active): Step {
  return end(state, "stopped", "ended_by_learner", "The session was ended.");
}

export function fail(state: Active, code: EndCode, message: string): Step {
  return end(state, "failed", code, message);
}

export function end(state: Active, final: Ended["state"], code: EndCode, message: string): Step {
  const { user, session, epoch, pool, challenge, host } = state;
  const reason = { code, message: message.slice(0, 500) };
  return {
    state: { user, session, epoch, pool, challenge, ...keptTimesOf(state), host, state: final, reason },
    effects: [releaseOf(state)],
  };
}

export function releaseOf({ pool, session, epoch }: Placed): Effect {
  return { kind: "release", pool, session, epoch };
}

export function stay(state: SessionState): Step {
  return { state, effects: [] };
}
