// What the Worker and RunnerPool may ask of a user's UserSession, and its answers.

import type { Session } from "#wire/session.ts";
import type { HistoryRow, SessionStart } from "../db/history-rows.ts";
import type { Extension } from "./extension.ts";

export type ChallengeVersion = { slug: string; version: string; images: string[] };

export type OpenOrder = {
  user: string;
  pool: string;
  challenge: ChallengeVersion;
  idempotencyKey: string | null;
};

export type OpenAnswer =
  | { outcome: "created" | "resumed"; session: Session; isReplay: boolean }
  | { outcome: "exit_current_challenge"; session: Session }
  | { outcome: "idempotency_key_reused" }
  /** So much history waits for the database that a new session's could not be kept. */
  | { outcome: "outbox_full" };

export type ExtendAnswer =
  | { outcome: Extension; session: Session }
  | { outcome: "session_not_found" | "session_ended" };

export type ClaimFailure = {
  session: string;
  epoch: number;
  code: "no_room" | "container_failed" | "image_missing";
  message: string;
};

/** `fetch` takes upgrades at `/browser/:session` and `/data`; see sockets/. */
export interface SessionCalls extends Rpc.DurableObjectBranded {
  fetch(request: Request): Promise<Response>;
  open(order: OpenOrder): Promise<OpenAnswer>;
  /** The session that has not ended, or null. */
  current(): Promise<Session | null>;
  /** The latest session if it has this id, ended or not; null for any other id. */
  read(session: string): Promise<Session | null>;
  /** Answers when the session is ready or over, or after `waitMs`, whichever is first. */
  waitUntilSettled(session: string, waitMs: number): Promise<Session | null>;
  end(session: string): Promise<Session | null>;
  extend(session: string): Promise<ExtendAnswer>;
  /** Closes the browser sockets that this sign-in opened. */
  signedOut(signIn: string): Promise<void>;
  claimFailed(failure: ClaimFailure): Promise<void>;
  containerLost(session: string, epoch: number, message: string): Promise<void>;
  /** Rows of history that the database may not have, as far as a page of `count` sessions behind `before` needs them. */
  undelivered(before: SessionStart | null, count: number): Promise<HistoryRow[]>;
  /** Has the rows tried again that the database refused; answers how many there are. */
  retryOutbox(): Promise<number>;
  released(session: string, epoch: number): Promise<void>;
}
