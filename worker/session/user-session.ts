// A user's object: answers the Worker's and the pool's calls and wires the platform's hooks to the session's life and sockets.

import { DurableObject } from "cloudflare:workers";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import type { Session } from "#wire/session.ts";
import { PING, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { openDatabase } from "../db/database.ts";
import { type HistoryRow, type SessionStart, type WriteAnswer, writeHistory } from "../db/history-rows.ts";
import { type Bindings, readSettings, runnerPoolOf } from "../env.ts";
import { edgeCounts } from "../metrics/edge-counts.ts";
import { acceptUpgrade, answerClose, refusal, upgradeHeaders } from "../sockets/upgrade.ts";
import { Connections } from "./connections.ts";
import { judgeExtension } from "./extension.ts";
import type { ClaimFailure, ExtendAnswer, OpenAnswer, OpenOrder, SessionCalls } from "./session-calls.ts";
import { SessionLife } from "./session-life.ts";
import { SessionSockets } from "./session-sockets.ts";
import { isActive } from "./session-state.ts";
import { SessionStore } from "./store.ts";

export class UserSession extends DurableObject<Bindings> implements SessionCalls {
  readonly #store: SessionStore;
  readonly #life: SessionLife;
  readonly #sockets: SessionSockets;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    edgeCounts.constructed.UserSession += 1;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    const connections = new Connections(ctx);
    this.#store = new SessionStore(ctx.storage);
    this.#life = new SessionLife(
      this.#store,
      connections,
      (pool) => runnerPoolOf(env, pool),
      (rows) => this.#writeHistory(rows),
    );
    this.#sockets = new SessionSockets(connections, this.#life);
  }

  async open({ user, pool, challenge, idempotencyKey }: OpenOrder): Promise<OpenAnswer> {
    const now = Date.now();
    const known = idempotencyKey === null ? null : this.#store.findOperation(idempotencyKey, now);
    if (known !== null) {
      if (known.challenge !== challenge.slug) return { outcome: "idempotency_key_reused" };
      return { outcome: known.outcome, session: this.#viewOf(known.session.id) ?? known.session, isReplay: true };
    }
    const { state } = this.#life;
    const isResumed = isActive(state);
    if (!isResumed && this.#store.outbox.isFull()) return { outcome: "outbox_full" };
    const { lengths } = readSettings(this.env);
    this.#life.apply(
      isResumed ? { type: "active" } : { type: "open", user, session: newId("s"), pool, challenge, lengths },
    );
    const session = this.#life.view();
    if (session === null) throw new Error("an opened session can be shown");
    if (session.challengeId !== challenge.slug) return { outcome: "exit_current_challenge", session };
    const outcome = isResumed ? "resumed" : "created";
    if (idempotencyKey !== null)
      this.#store.storeOperation(idempotencyKey, { challenge: challenge.slug, outcome, session }, now);
    return { outcome, session, isReplay: false };
  }

  async current(): Promise<Session | null> {
    this.#sockets.dropSilent(Date.now());
    return this.#life.view();
  }

  async read(session: string): Promise<Session | null> {
    this.#sockets.dropSilent(Date.now());
    return this.#viewOf(session);
  }

  async waitUntilSettled(session: string, waitMs: number): Promise<Session | null> {
    await this.#life.waitUntilSettled(session, waitMs);
    return this.#viewOf(session);
  }

  async end(session: string): Promise<Session | null> {
    if (this.#life.isSession(session)) this.#life.apply({ type: "end" });
    return this.#viewOf(session);
  }

  /** Who asks for more time is there, whatever comes of it. */
  async extend(session: string): Promise<ExtendAnswer> {
    const { state } = this.#life;
    if (!this.#life.isSession(session)) return { outcome: "session_not_found" };
    if (!isActive(state)) return { outcome: "session_ended" };
    const outcome = judgeExtension(state, Date.now());
    this.#life.apply({ type: outcome === "given" ? "extend" : "active" });
    const extended = this.#life.view();
    return extended === null ? { outcome: "session_not_found" } : { outcome, session: extended };
  }

  async signedOut(signIn: string): Promise<void> {
    this.#sockets.dropSignIn(signIn);
  }

  async claimFailed({ session, epoch, code, message }: ClaimFailure): Promise<void> {
    if (this.#life.isSession(session)) this.#life.apply({ type: "claim_failed", epoch, code, message });
  }

  async containerLost(session: string, epoch: number, message: string): Promise<void> {
    if (this.#life.isSession(session)) this.#life.apply({ type: "container_lost", epoch, message });
  }

  async released(session: string, epoch: number): Promise<void> {
    this.#store.finishRelease(session, epoch, this.#life.state, Date.now());
  }

  async undelivered(before: SessionStart | null, count: number): Promise<HistoryRow[]> {
    return this.#store.outbox.undelivered(before, count);
  }

  async retryOutbox(): Promise<number> {
    return this.#life.retryOutbox();
  }

  override async fetch(request: Request): Promise<Response> {
    // Every socket is cut and dials again; nothing of this event is stored yet.
    if (this.#sockets.isClogged()) this.ctx.abort("Too much waits for sockets that were closed.");
    const now = Date.now();
    this.#sockets.dropSilent(now);
    const session = request.headers.get(upgradeHeaders.session) ?? "";
    const isBrowser = new URL(request.url).pathname === "/browser";
    const { 0: client, 1: server } = new WebSocketPair();
    const refused = isBrowser
      ? this.#sockets.admitBrowser(server, session, request.headers.get(upgradeHeaders.signIn) ?? "", now)
      : this.#sockets.admitData(
          server,
          {
            session,
            epoch: Number(request.headers.get(upgradeHeaders.epoch)),
            host: request.headers.get(upgradeHeaders.host) ?? "",
          },
          now,
        );
    return refused === null ? acceptUpgrade(client, isBrowser ? BROWSER_SUBPROTOCOL : null) : refusal(refused);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    // Closing a socket does not make the other side stop: losing it does.
    if (!this.#sockets.take(socket, message, Date.now())) this.ctx.abort("Sockets that were closed say too much.");
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#sockets.closed(socket);
    answerClose(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#sockets.closed(socket);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#sockets.dropSilent(now);
    this.#life.wake(now);
  }

  /** A client for each write: an object at rest holds none. */
  #writeHistory(rows: readonly HistoryRow[]): Promise<WriteAnswer> {
    const { url, token } = readSettings(this.env).database;
    return writeHistory(openDatabase(url, token, limits.outboxDeliveryMs), rows);
  }

  #viewOf(session: string): Session | null {
    return this.#life.isSession(session) ? this.#life.view() : null;
  }
}
