// Decides which sockets a session takes.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { isActive, type SessionState } from "./session-state.ts";

/** Why a browser socket for session `session` is refused, or null. */
export function refuseBrowser(state: SessionState, session: string, browserSockets: number): CloseName | null {
  if (state.state === "none" || state.session !== session) return "session_not_found";
  if (!isActive(state)) return "session_ended";
  return browserSockets >= limits.browserSocketsPerUser ? "too_many_connections" : null;
}

/** Why a data socket is refused, or null. `epoch_over` makes the host reap what it dials for. */
export function refuseData(
  state: SessionState,
  claims: { session: string; epoch: number; host: string },
): CloseName | null {
  if (!isActive(state) || state.session !== claims.session || state.epoch !== claims.epoch) return "epoch_over";
  return state.host === null || state.host === claims.host ? null : "ticket_refused";
}
