// What the Worker and UserSession may ask of a RunnerPool, and its answers.

import type { ParkedOutboxes } from "#wire/history.ts";

export type PlaceOrder = { user: string; session: string; epoch: number; images: string[] };

/** `wait`: hosts that were here before the pool's own restart have not dialled again yet; ask again after `inMs`. */
export type PlaceAnswer =
  | { outcome: "placed"; host: string }
  | { outcome: "wait"; inMs: number }
  | { outcome: "no_runner_host"; message: string };

/** `pending`: the order is stored and reaches the host when it is connected; the session hears `released` then. */
export type ReleaseAnswer = "released" | "pending";

export type RegisterAnswer =
  | { outcome: "registered"; host: string; credential: string }
  | { outcome: "join_token_used" }
  | { outcome: "pool_full" };

/** Rows of a user's history that the database refuses, or null when there are none any more. */
export type OutboxReport = { user: string; parked: { rows: number; since: number; code: string } | null };

/** `fetch` takes upgrades at `/control`; see sockets/. */
export interface PoolCalls extends Rpc.DurableObjectBranded {
  fetch(request: Request): Promise<Response>;
  register(pool: string, join: { nonce: string; expiresAt: number }, hostName: string): Promise<RegisterAnswer>;
  /** Whether this credential (by its sha256) is the one that this host registered with and was not revoked. */
  isAccepted(host: string, credentialHash: string): Promise<boolean>;
  /** Placing the same session and epoch again finds its lease and sends the claim again. */
  place(order: PlaceOrder): Promise<PlaceAnswer>;
  release(session: string, epoch: number): Promise<ReleaseAnswer>;
  revoke(host: string): Promise<void>;
  noteOutbox(report: OutboxReport): Promise<void>;
  parkedOutboxes(): Promise<ParkedOutboxes>;
  hasParkedOutbox(user: string): Promise<boolean>;
}
