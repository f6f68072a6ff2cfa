// What a session can be, what can happen to it, and what it can order: the vocabulary of its machine.

import type { DeadlineRule } from "#wire/session-deadline.ts";
import type { SessionLengths } from "#wire/session-lengths.ts";
import type { EndReason } from "#wire/session.ts";
import type { ChallengeVersion } from "./session-calls.ts";
import type { KeptTimes } from "./session-times.ts";

export type Placed = KeptTimes & {
  user: string;
  session: string;
  epoch: number;
  pool: string;
  challenge: ChallengeVersion;
};

export type Starting = Placed & { state: "starting"; host: string | null; deadlineAt: number };
/** `step` says what is awaited: the agent, or that it has laid the starter. `cutAt` is when the data socket was lost, or null. */
export type Running = Placed & {
  state: "running";
  host: string;
  step: "agent" | "starter";
  deadlineAt: number;
  cutAt: number | null;
};
export type Ready = Placed & { state: "ready"; host: string; cutAt: number | null };
export type Active = Starting | Running | Ready;
export type Ended = Placed & { state: "stopped" | "failed" | "expired"; host: string | null; reason: EndReason };
export type SessionState = { state: "none" } | Active | Ended;

export type SessionEvent =
  | {
      type: "open";
      user: string;
      session: string;
      pool: string;
      challenge: ChallengeVersion;
      lengths: SessionLengths;
    }
  | { type: "active" }
  | { type: "extend" }
  | { type: "end" }
  | { type: "deadline"; deadline: DeadlineName; dueAt: number }
  | HostEvent;

/** What comes back from an effect or a host; ignored when its epoch is not the session's. */
export type HostEvent =
  | { type: "placed"; epoch: number; host: string }
  | { type: "no_host"; epoch: number; message: string }
  | { type: "claim_failed"; epoch: number; code: "no_room" | "container_failed" | "image_missing"; message: string }
  | { type: "data_attached"; epoch: number; host: string }
  | { type: "hello"; epoch: number }
  | { type: "data_cut"; epoch: number }
  | { type: "agent_up"; epoch: number }
  | { type: "laid"; epoch: number; version: string }
  | { type: "lay_failed"; epoch: number; version: string; message: string }
  | { type: "container_lost"; epoch: number; message: string };

export type DeadlineName = "start" | "step" | "host_grace" | "warning" | DeadlineRule;

export type Effect =
  | { kind: "place"; pool: string; user: string; session: string; epoch: number; images: string[] }
  | { kind: "lay"; session: string; epoch: number; version: string }
  | { kind: "release"; pool: string; session: string; epoch: number };

export function isActive(state: SessionState): state is Active {
  return state.state === "starting" || state.state === "running" || state.state === "ready";
}
