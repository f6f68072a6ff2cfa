// Owns a session's sockets from their admission to their end: what they may say, and what follows when one goes.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { countClose, countIn, edgeCounts } from "../metrics/edge-counts.ts";
import { TokenBucket } from "../sockets/token-bucket.ts";
import { refuseBrowser, refuseData } from "./admission.ts";
import { takeBrowserMessage } from "./browser-messages.ts";
import { type Connections, freeConnection, type OpenEntry } from "./connections.ts";
import { HostMessages } from "./host-messages.ts";
import type { BrowserLine, DataLine } from "./line.ts";
import { relayDetach } from "./relay-to-host.ts";
import type { SessionLife } from "./session-life.ts";
import { isActive } from "./session-state.ts";
import { isOverdue, nothingUnread } from "./unread.ts";

/** How often frames make the object look whether both sides still answer and read. */
const SILENCE_LOOK_EVERY_MS = 1_000;
/** So many browser sockets may each use their whole rate; more of them share it. */
const TABS_AT_FULL_RATE = 2;

export class SessionSockets {
  readonly #connections: Connections;
  readonly #life: SessionLife;
  readonly #hostMessages: HostMessages;
  #lookedForSilenceAt = 0;
  readonly #admissions = new TokenBucket(
    { burst: limits.browserAdmissionsBurst, perSecond: limits.browserAdmissionsPerSecond },
    Date.now(),
  );
  /** What closed sockets still say, all together: it wakes the object as often as what open ones say. */
  readonly #overFrames = new TokenBucket(
    { burst: limits.browserFramesBurst, perSecond: limits.browserFramesPerSecond },
    Date.now(),
  );

  readonly #onInput = (): void => this.#life.noteActive(Date.now());

  constructor(connections: Connections, life: SessionLife) {
    this.#connections = connections;
    this.#life = life;
    this.#hostMessages = new HostMessages(connections, life);
  }

  /** Whether sockets that were closed hold so much that only a restart frees it: closing one does not. */
  isClogged(): boolean {
    return this.#connections.lingeringBytes() > limits.sessionUnreadBytes;
  }

  /** Why the socket is refused, or null when it was taken. */
  admitBrowser(server: WebSocket, session: string, signIn: string, now: number): CloseName | null {
    const browsers = this.#connections.browsers();
    const refused = refuseBrowser(this.#life.state, session, browsers.length);
    if (refused !== null) return refused;
    if (!this.#admissions.take(now)) return "rate_exceeded";
    const data = this.#connections.data();
    const used = new Set(browsers.map(({ attachment }) => attachment.connection));
    const connection = freeConnection(used, data?.attachment.nextConnection ?? Math.max(0, ...used) + 1);
    if (data !== null) {
      data.attachment.nextConnection = connection + 1;
      data.save();
    }
    this.#connections.accept(server, {
      kind: "browser",
      openedAt: now,
      session,
      signIn,
      connection,
      viewers: {},
      unread: nothingUnread(),
      share: [],
    });
    const entry = this.#connections.of(server);
    const view = this.#life.view();
    if (entry.kind === "browser" && view !== null) entry.line.tell({ type: "session", session: view });
    return null;
  }

  /** Why the socket is refused, or null when it was taken; a newer one of the same epoch and host replaces an older. */
  admitData(
    server: WebSocket,
    claims: { session: string; epoch: number; host: string },
    now: number,
  ): CloseName | null {
    const { state } = this.#life;
    const refused = refuseData(state, claims);
    if (refused !== null) return refused;
    const lastActiveAt = isActive(state) ? state.lastActiveAt : 0;
    this.#connections.data()?.close("replaced");
    const nextConnection =
      Math.max(0, ...this.#connections.browsers().map(({ attachment }) => attachment.connection)) + 1;
    for (const browser of this.#connections.browsers()) {
      browser.attachment.share = [];
      browser.save();
    }
    const agent = { isGreeted: false, generation: null, lay: null, terminals: [], orphanedOpens: 0, closed: {} };
    const counts = { unread: nothingUnread(), marks: { sent: 0, read: 0 }, activeAt: lastActiveAt };
    this.#connections.accept(server, { kind: "data", openedAt: now, ...claims, ...agent, ...counts, nextConnection });
    this.#life.apply({ type: "data_attached", epoch: claims.epoch, host: claims.host });
    this.#life.broadcast();
    return null;
  }

  /** False when sockets that were closed say so much that only a restart ends it: nothing of this message is stored yet. */
  take(socket: WebSocket, message: string | ArrayBuffer, now: number): boolean {
    const entry = this.#connections.of(socket);
    if (entry.kind === "over") return this.#overFrames.take(now);
    this.#connections.noteHeard(socket, now);
    if (Math.abs(now - this.#lookedForSilenceAt) > SILENCE_LOOK_EVERY_MS) this.dropSilent(now);
    countIn(edgeCounts.traffic[entry.kind], message);
    const refused = entry.rates.frames.take(now, this.#costOfFrame(entry))
      ? this.#takeFrame(entry, message, now)
      : "rate_exceeded";
    if (refused !== null) this.#drop(entry.line, refused);
    this.#dropUnread();
    return true;
  }

  closed(socket: WebSocket): void {
    const entry = this.#connections.remove(socket);
    if (entry.kind === "over") return;
    countClose("peer");
    this.#onGone(entry.line);
  }

  dropSignIn(signIn: string): void {
    for (const browser of this.#connections.browsers()) {
      if (browser.attachment.signIn === signIn) this.#drop(browser, "sign_in_required");
    }
  }

  dropSilent(now: number): void {
    this.#lookedForSilenceAt = now;
    this.#life.followClock(now);
    for (const line of this.#connections.silent(now)) this.#drop(line, "silence");
    const data = this.#connections.data();
    if (data !== null && isOverdue(data.attachment.unread, limits.hostReadMs, now)) this.#drop(data, "not_reading");
    this.#dropUnread();
  }

  /** Many tabs together may say what a few may: each pays for its own frames alone. */
  #costOfFrame({ kind }: OpenEntry): number {
    return kind === "data" ? 1 : Math.max(1, this.#connections.browsers().length / TABS_AT_FULL_RATE);
  }

  #takeFrame(entry: OpenEntry, message: string | ArrayBuffer, now: number): CloseName | null {
    if (entry.kind === "data") return this.#hostMessages.take(entry.line, message, entry.rates, now);
    const data = this.#connections.data();
    const listed = data?.attachment.terminals;
    const way = { data, isReady: this.#life.state.state === "ready", onInput: this.#onInput };
    const refused = takeBrowserMessage(entry.line, message, entry.rates, way, now);
    if (data?.attachment.terminals !== listed) this.#life.broadcast();
    return refused;
  }

  #drop(line: BrowserLine | DataLine, name: CloseName): void {
    line.close(name);
    this.#onGone(line);
  }

  /** After this line's socket is no longer among the connections. */
  #onGone({ attachment }: BrowserLine | DataLine): void {
    if (attachment.kind === "data") {
      this.#life.recallActive(attachment.activeAt);
      this.#life.apply({ type: "data_cut", epoch: attachment.epoch });
      this.#life.broadcast();
    } else {
      relayDetach(attachment, this.#connections.data());
    }
  }

  #dropUnread(): void {
    for (let line = this.#connections.takeUnread(); line !== null; line = this.#connections.takeUnread()) {
      this.#drop(line, "not_reading");
    }
  }
}
