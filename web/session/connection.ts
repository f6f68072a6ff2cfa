// The life of a browser socket as one pure step: when to dial, ping, give up on silence, wait, or stop for good.

import { type CloseName, readClose } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";

/** A ping that nothing follows within this is lost; the answer is due before browserSilenceMs is over. */
const PONG_WITHIN_MS = limits.browserSilenceMs - limits.browserPingEveryMs;
/** A socket that lived this long was a good one: the next cut is the first again. */
const GOOD_AFTER_MS = limits.reconnectMaxMs;

export type ConnectionState =
  | { name: "closed" }
  /** `attempt` counts from 1; the first dial of a page is attempt 0. */
  | { name: "dialing"; attempt: number; giveUpAt: number }
  | { name: "open"; attempt: number; openedAt: number; pingAt: number; deadAt: number | null }
  | { name: "waiting"; attempt: number; dialAt: number }
  | { name: "over"; close: CloseName; next: "reopen" | "sign_in" | "reload" | "stop" };

export type ConnectionEvent =
  | { type: "start" }
  | { type: "opened" }
  | { type: "heard" }
  | { type: "closed"; code: number }
  /** A deadline may have passed. */
  | { type: "woke" }
  /** The network came, went or the tab is looked at again. */
  | { type: "nudged" }
  | { type: "stop" };

export type ConnectionEffect = "dial" | "hang_up" | "ping";

type Step = { state: ConnectionState; effects: ConnectionEffect[] };

const stay = (state: ConnectionState): Step => ({ state, effects: [] });

/** When `woke` is due; null when nothing is. */
export function nextWake(state: ConnectionState): number | null {
  switch (state.name) {
    case "dialing":
      return state.giveUpAt;
    case "open":
      return state.deadAt ?? state.pingAt;
    case "waiting":
      return state.dialAt;
    case "closed":
    case "over":
      return null;
  }
}

function dial(attempt: number, now: number): Step {
  return { state: { name: "dialing", attempt, giveUpAt: now + limits.browserSilenceMs }, effects: ["dial"] };
}

function ping(state: ConnectionState & { name: "open" }, now: number): Step {
  return { state: { ...state, deadAt: now + PONG_WITHIN_MS }, effects: ["ping"] };
}

/** Full jitter: anything between at once and the doubled ceiling. `random` is in [0, 1). */
function wait(attempt: number, now: number, random: number): ConnectionState {
  const ceilingMs = Math.min(limits.reconnectMaxMs, limits.reconnectFirstMs * 2 ** Math.min(attempt, 16));
  return { name: "waiting", attempt: attempt + 1, dialAt: now + Math.round(random * ceilingMs) };
}

function afterCut(state: ConnectionState, now: number, random: number): ConnectionState {
  if (state.name === "open") return wait(now - state.openedAt >= GOOD_AFTER_MS ? 0 : state.attempt, now, random);
  return state.name === "dialing" ? wait(state.attempt, now, random) : state;
}

export function stepConnection(state: ConnectionState, event: ConnectionEvent, now: number, random: number): Step {
  switch (event.type) {
    case "start":
      return state.name === "closed" || state.name === "over" ? dial(0, now) : stay(state);
    case "opened":
      if (state.name !== "dialing") return stay(state);
      return stay({
        name: "open",
        attempt: state.attempt,
        openedAt: now,
        pingAt: now + limits.browserPingEveryMs,
        deadAt: null,
      });
    case "heard":
      if (state.name !== "open") return stay(state);
      return stay({ ...state, pingAt: now + limits.browserPingEveryMs, deadAt: null });
    case "closed": {
      if (state.name !== "open" && state.name !== "dialing") return stay(state);
      const { name, then: next } = readClose(event.code);
      if (next === "retry" || name === "cut") return stay(afterCut(state, now, random));
      return stay({ name: "over", close: name, next });
    }
    case "woke":
      if (state.name === "waiting" && now >= state.dialAt) return dial(state.attempt, now);
      if (state.name === "dialing" && now >= state.giveUpAt)
        return { state: afterCut(state, now, random), effects: ["hang_up"] };
      if (state.name !== "open") return stay(state);
      if (state.deadAt !== null)
        return now >= state.deadAt ? { state: afterCut(state, now, random), effects: ["hang_up"] } : stay(state);
      return now >= state.pingAt ? ping(state, now) : stay(state);
    case "nudged":
      if (state.name === "waiting") return dial(state.attempt, now);
      return state.name === "open" && state.deadAt === null ? ping(state, now) : stay(state);
    case "stop":
      return {
        state: { name: "closed" },
        effects: state.name === "open" || state.name === "dialing" ? ["hang_up"] : [],
      };
  }
}
