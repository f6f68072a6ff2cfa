// A pool's object: registers runner hosts, places sessions on them, and passes on what they say of their claims.

import { DurableObject } from "cloudflare:workers";
import type { CloseName } from "#wire/close-codes.ts";
import type { ParkedOutboxes } from "#wire/history.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { type HostControlMessage, type HostHello, hostControlMessageSchema } from "#wire/runner.ts";
import { sha256Hex } from "#wire/signed-token.ts";
import { PING, PONG } from "#wire/terminal.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { type Bindings, readSettings, userSessionOf } from "../env.ts";
import { logFault } from "../log.ts";
import { countClose, countIn, edgeCounts } from "../metrics/edge-counts.ts";
import { parseMessage } from "../sockets/message.ts";
import { acceptUpgrade, answerClose, upgradeHeaders } from "../sockets/upgrade.ts";
import { ControlSockets } from "./control-sockets.ts";
import { HostRates } from "./host-rates.ts";
import { type HeldSession, type Lease, reconcileLeases } from "./lease-reconciliation.ts";
import { ParkedOutboxList } from "./parked-outbox-list.ts";
import { choosePlacement } from "./placement.ts";
import type { OutboxReport, PlaceAnswer, PlaceOrder, PoolCalls, RegisterAnswer, ReleaseAnswer } from "./pool-calls.ts";
import { PoolStore } from "./store.ts";

/** A deploy cuts every host, and a daemon that ended is started again: they have the time that dialling again takes at most before it is said that none has room. */
const HOSTS_RETURN_MS = limits.reconnectMaxMs;
const ASK_AGAIN_MS = 250;

export class RunnerPool extends DurableObject<Bindings> implements PoolCalls {
  readonly #store: PoolStore;
  readonly #sockets: ControlSockets;
  readonly #parkedOutboxes: ParkedOutboxList;
  readonly #rates = new HostRates();
  /** When this object or a host was gone last. */
  #cutAt = Date.now();

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    edgeCounts.constructed.RunnerPool += 1;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#store = new PoolStore(ctx.storage);
    this.#sockets = new ControlSockets(ctx);
    this.#parkedOutboxes = new ParkedOutboxList(ctx.storage);
  }

  async register(pool: string, join: { nonce: string; expiresAt: number }, hostName: string): Promise<RegisterAnswer> {
    const host = newId("h");
    const credential = await readSettings(this.env).signer.sign("host-credential", {
      host,
      pool,
      nonce: crypto.randomUUID(),
    });
    const credentialHash = await sha256Hex(credential);
    const now = Date.now();
    if (this.#store.countHosts() >= limits.hostsPerPool) return { outcome: "pool_full" };
    if (!this.#store.spendJoinToken(join.nonce, join.expiresAt, now)) return { outcome: "join_token_used" };
    this.#store.addHost(host, hostName, credentialHash, now);
    return { outcome: "registered", host, credential };
  }

  async isAccepted(host: string, credentialHash: string): Promise<boolean> {
    return this.#store.isAccepted(host, credentialHash);
  }

  async place({ user, session, epoch, images }: PlaceOrder): Promise<PlaceAnswer> {
    const known = this.#store.findLease({ session, epoch });
    if (known?.state === "releasing")
      return { outcome: "no_runner_host", message: "The session was already released." };
    if (known !== null) {
      await this.#claim({ ...known, user });
      return { outcome: "placed", host: known.host };
    }
    const now = Date.now();
    const rooms = this.#sockets.connectedHosts(now).map((host) => this.#store.roomOf(host));
    const placement = choosePlacement(rooms, images);
    if (placement.outcome === "no_runner_host") {
      const mayReturn = now - this.#cutAt < HOSTS_RETURN_MS && rooms.length < this.#store.countHosts();
      return mayReturn ? { outcome: "wait", inMs: ASK_AGAIN_MS } : placement;
    }
    const lease: Lease = { session, epoch, host: placement.host, user, images, state: "placed", isClaimed: false };
    this.#store.putLease(lease);
    await this.#claim(lease);
    return placement;
  }

  async release(session: string, epoch: number): Promise<ReleaseAnswer> {
    const lease = this.#store.findLease({ session, epoch });
    if (lease === null) return "released";
    this.#store.putLease({ ...lease, state: "releasing" });
    this.#sockets.tell(lease.host, { type: "release", session, epoch });
    return "pending";
  }

  /** Its sessions end: a machine that is not trusted any more keeps no learner. */
  async revoke(host: string): Promise<void> {
    this.#store.revoke(host);
    this.#sockets.close(host, "credential_refused");
    for (const lease of this.#store.leasesOf(host)) {
      this.#store.removeLease(lease);
      this.#tellLost(lease, "The machine that held the container was removed.");
    }
  }

  async noteOutbox(report: OutboxReport): Promise<void> {
    this.#parkedOutboxes.note(report, Date.now());
  }

  async parkedOutboxes(): Promise<ParkedOutboxes> {
    return this.#parkedOutboxes.read();
  }

  async hasParkedOutbox(user: string): Promise<boolean> {
    return this.#parkedOutboxes.has(user);
  }

  override async fetch(request: Request): Promise<Response> {
    const host = request.headers.get(upgradeHeaders.host) ?? "";
    const { 0: client, 1: server } = new WebSocketPair();
    this.#sockets.accept(server, host, Date.now());
    return acceptUpgrade(client, null);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const from = this.#sockets.hostOf(socket);
    if (from === null) return;
    countIn(edgeCounts.traffic.control, message);
    const parsed =
      typeof message === "string" ? parseMessage(hostControlMessageSchema, message, limits.runnerMessageBytes) : null;
    const isInTime = this.#rates.take(from.host, parsed?.type === "hello", Date.now());
    const refused = parsed === null ? "bad_message" : isInTime ? this.#take(socket, from, parsed) : "rate_exceeded";
    if (refused !== null) this.#sockets.closeSocket(socket, refused);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    if (this.#sockets.hostOf(socket) !== null) {
      countClose("peer");
      this.#cutAt = Date.now();
    }
    answerClose(socket);
  }

  #take(
    socket: WebSocket,
    { host, hasSaidHello }: { host: string; hasSaidHello: boolean },
    message: HostControlMessage,
  ): CloseName | null {
    if (message.type === "hello") {
      if (message.protocolVersion !== RUNNER_PROTOCOL_VERSION) return "upgrade_required";
      this.#sockets.noteHello(socket);
      this.#welcome(host, message);
      return null;
    }
    if (!hasSaidHello) return "bad_message";
    const lease = this.#store.findLease(message);
    // What a host says of another host's lease changes nothing.
    if (lease === null || lease.host !== host) return null;
    switch (message.type) {
      case "claimed":
        this.#store.putLease({ ...lease, isClaimed: true });
        return null;
      case "claim_failed":
        this.#store.removeLease(lease);
        this.#tellSession(lease, (session) =>
          session.claimFailed({
            session: lease.session,
            epoch: lease.epoch,
            code: message.code,
            message: message.message,
          }),
        );
        return null;
      case "released":
        this.#noteReleased(lease);
        return null;
      default:
        return message satisfies never;
    }
  }

  #welcome(host: string, hello: HostHello): void {
    this.#store.noteHello(host, hello);
    this.#sockets.tell(host, { type: "welcome", host });
    const isElsewhere = (held: HeldSession) => (this.#store.findLease(held)?.host ?? host) !== host;
    for (const step of reconcileLeases(hello.sessions, this.#store.leasesOf(host), isElsewhere)) {
      switch (step.action) {
        case "claim":
          this.ctx.waitUntil(this.#claim(step.lease));
          break;
        case "release":
          this.#sockets.tell(host, { type: "release", ...step.held });
          break;
        case "learn":
          this.#store.putLease({ ...step.held, host, user: null, images: [], state: "placed", isClaimed: true });
          break;
        case "note_claimed":
          this.#store.putLease({ ...step.lease, isClaimed: true });
          break;
        case "note_released":
          this.#noteReleased(step.lease);
          break;
        case "note_lost":
          this.#store.removeLease(step.lease);
          this.#tellLost(step.lease, "The machine that held the container no longer has it.");
          break;
        default:
          step satisfies never;
      }
    }
  }

  async #claim({ session, epoch, host, user, images }: Lease): Promise<void> {
    if (user === null) return;
    const ticket = await readSettings(this.env).signer.sign("data-ticket", { user, session, epoch, host });
    // A release may have come while the ticket was signed; a claim behind it would make a container for nothing.
    if (this.#store.findLease({ session, epoch })?.state !== "placed") return;
    this.#sockets.tell(host, { type: "claim", session, epoch, ticket, images });
  }

  #noteReleased(lease: Lease): void {
    this.#store.removeLease(lease);
    this.#tellSession(lease, (session) => session.released(lease.session, lease.epoch));
  }

  #tellLost(lease: Lease, message: string): void {
    this.#tellSession(lease, (session) => session.containerLost(lease.session, lease.epoch, message));
  }

  /** A call that is lost is made up for by the session: its deadlines, its retried release, and its host's silence. */
  #tellSession(lease: Lease, call: (session: ReturnType<typeof userSessionOf>) => Promise<void>): void {
    if (lease.user === null) return;
    const told = call(userSessionOf(this.env, lease.user)).catch((error: unknown) =>
      logFault("session call", error, { session: lease.session }),
    );
    this.ctx.waitUntil(told);
  }
}
