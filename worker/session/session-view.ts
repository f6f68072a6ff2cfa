// A stored session as clients see it.

import type { Session, TerminalSummary } from "#wire/session.ts";
import type { Active, Ended } from "./session-state.ts";
import { extendableAt, timesOf } from "./session-times.ts";

/** What is known from the sockets alone: whether the container's data socket is connected, and its terminals. */
export type Presence = { isReachable: boolean; terminals: TerminalSummary[] };

export function viewSession(state: Active | Ended, { isReachable, terminals }: Presence): Session {
  return {
    id: state.session,
    epoch: state.epoch,
    state: state.state,
    challengeId: state.challenge.slug,
    host: state.host === null ? null : { id: state.host, region: state.pool },
    reachable: isReachable,
    createdAt: state.createdAt,
    ...timesOf(state),
    extendableAt: extendableAt(state),
    terminals,
    ...("reason" in state ? { reason: state.reason } : {}),
  };
}
