// Takes what browser and data sockets say: parses it, hands frames to the relay and events to the session's life.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { type HostDataMessage, hostDataMessageSchema } from "#wire/runner.ts";
import type { TerminalSummary } from "#wire/session.ts";
import { browserMessageSchema } from "#wire/terminal.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { parseMessage } from "../sockets/message.ts";
import { refuseBrowser, refuseData } from "./admission.ts";
import { type Connections, freeConnection } from "./connections.ts";
import { drawNumber } from "./draw-number.ts";
import type { BrowserLine, DataLine } from "./line.ts";
import { relayAgentEvent, relayOutput } from "./relay-to-browsers.ts";
import { relayBrowserMessage, relayInput, relayProbe } from "./relay-to-host.ts";
import type { SessionLife } from "./session-life.ts";
import { isOverdue, noteRead, nothingUnread } from "./unread.ts";

/** How often browser frames make the object look whether the host still answers. */
const SILENCE_LOOK_EVERY_MS = 1_000;

export class SessionSockets {
  readonly #connections: Connections;
  readonly #life: SessionLife;
  #lookedForSilenceAt = 0;

  constructor(connections: Connections, life: SessionLife) {
    this.#connections = connections;
    this.#life = life;
  }

  /** Why the socket is refused, or null when it was taken. */
  admitBrowser(server: WebSocket, session: string, signIn: string, now: number): CloseName | null {
    const browsers = this.#connections.browsers();
    const refused = refuseBrowser(this.#life.state, session, browsers.length);
    if (refused !== null) return refused;
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
    const refused = refuseData(this.#life.state, claims);
    if (refused !== null) return refused;
    this.#connections.data()?.close("replaced");
    const nextConnection =
      Math.max(0, ...this.#connections.browsers().map(({ attachment }) => attachment.connection)) + 1;
    for (const browser of this.#connections.browsers()) {
      browser.attachment.share = [];
      browser.save();
    }
    const agent = { isGreeted: false, generation: null, lay: null, terminals: [], orphanedOpens: 0 };
    const counts = { unread: nothingUnread(), marks: { sent: 0, read: 0 } };
    this.#connections.accept(server, { kind: "data", openedAt: now, ...claims, ...agent, ...counts, nextConnection });
    this.#life.apply({ type: "data_attached", epoch: claims.epoch, host: claims.host });
    this.#life.broadcast();
    return null;
  }

  take(socket: WebSocket, message: string | ArrayBuffer, now: number): void {
    this.#connections.noteHeard(socket, now);
    const entry = this.#connections.of(socket);
    if (entry.kind === "browser") {
      if (now - this.#lookedForSilenceAt > SILENCE_LOOK_EVERY_MS) this.dropSilent(now);
      const refused = this.#onBrowserMessage(entry.line, message);
      if (refused !== null) this.#drop(entry.line, refused);
    } else if (entry.kind === "data") {
      const refused = this.#onDataMessage(entry.line, message);
      if (refused !== null) this.#drop(entry.line, refused);
    }
    this.#dropUnread();
  }

  closed(socket: WebSocket): void {
    const entry = this.#connections.remove(socket);
    if (entry.kind !== "over") this.#onGone(entry.line);
  }

  dropSignIn(signIn: string): void {
    for (const browser of this.#connections.browsers()) {
      if (browser.attachment.signIn === signIn) this.#drop(browser, "sign_in_required");
    }
  }

  dropSilent(now: number): void {
    this.#lookedForSilenceAt = now;
    for (const line of this.#connections.silent(now)) this.#drop(line, "silence");
    const data = this.#connections.data();
    if (data !== null && isOverdue(data.attachment.unread, limits.hostReadMs, now)) this.#drop(data, "not_reading");
    this.#dropUnread();
  }

  #onBrowserMessage(browser: BrowserLine, message: string | ArrayBuffer): CloseName | null {
    const data = this.#connections.data();
    if (typeof message !== "string") return relayInput(browser, new Uint8Array(message), data);
    const parsed = parseMessage(browserMessageSchema, message, limits.browserMessageBytes);
    if (parsed === null) return "bad_message";
    switch (parsed.type) {
      case "read":
        if (noteRead(browser.attachment.unread, parsed.mark) === 0) return "bad_message";
        browser.save();
        return null;
      case "probe":
        return relayProbe(browser, parsed, data);
      default:
        return relayBrowserMessage(browser, parsed, data, this.#life.state.state === "ready");
    }
  }

  #onDataMessage(data: DataLine, message: string | ArrayBuffer): CloseName | null {
    if (typeof message !== "string") {
      return relayOutput(data, new Uint8Array(message), this.#connections.browsers());
    }
    const parsed = parseMessage(hostDataMessageSchema, message, limits.runnerMessageBytes);
    if (parsed === null || (parsed.type !== "hello" && !data.attachment.isGreeted)) return "bad_message";
    return this.#onHostMessage(data, parsed);
  }

  #onHostMessage(data: DataLine, message: HostDataMessage): CloseName | null {
    const { attachment } = data;
    const { epoch } = attachment;
    switch (message.type) {
      case "hello":
        if (attachment.isGreeted) return "bad_message";
        if (message.protocolVersion !== RUNNER_PROTOCOL_VERSION) return "upgrade_required";
        if (message.session !== attachment.session || message.epoch !== epoch) return "bad_message";
        attachment.isGreeted = true;
        data.save();
        this.#life.apply({ type: "hello", epoch });
        return null;
      case "agent":
        this.#onAgent(data, message.state === "up", message.terminals);
        return null;
      case "laid":
        // The answer to an earlier order says nothing of the last one, which is still under way.
        if (message.request !== attachment.lay?.request) return null;
        this.#life.apply({ type: "laid", epoch, version: message.version });
        return null;
      case "lay_failed":
        if (message.request !== attachment.lay?.request) return null;
        this.#life.apply({ type: "lay_failed", epoch, version: message.version, message: message.message });
        return null;
      case "container_lost":
        this.#life.apply({ type: "container_lost", epoch, message: message.message });
        return null;
      case "read": {
        const proved = noteRead(attachment.unread, message.mark);
        attachment.marks.read += proved;
        data.save();
        return proved === 0 ? "bad_message" : null;
      }
      default: {
        const { refused, isNews } = relayAgentEvent(data, message, this.#connections.browsers());
        if (isNews) this.#life.broadcast();
        return refused;
      }
    }
  }

  #onAgent(data: DataLine, isUp: boolean, terminals: TerminalSummary[]): void {
    data.attachment.generation = isUp ? drawNumber() : null;
    data.attachment.terminals = isUp ? terminals : [];
    data.attachment.orphanedOpens = 0;
    data.save();
    if (isUp && this.#life.state.state === "ready") {
      for (const browser of this.#connections.browsers()) browser.tell({ type: "reattach" });
    }
    this.#life.broadcast();
    if (isUp) this.#life.apply({ type: "agent_up", epoch: data.attachment.epoch });
  }

  #drop(line: BrowserLine | DataLine, name: CloseName): void {
    line.close(name);
    this.#onGone(line);
  }

  /** After this line's socket is no longer among the connections. */
  #onGone({ attachment }: BrowserLine | DataLine): void {
    if (attachment.kind === "data") {
      this.#life.apply({ type: "data_cut", epoch: attachment.epoch });
      this.#life.broadcast();
    } else {
      this.#detach(attachment);
    }
  }

  #detach({ connection, viewers }: BrowserLine["attachment"]): void {
    const data = this.#connections.data();
    if (data === null) return;
    for (const { generation, opensPending } of Object.values(viewers)) {
      if (generation === data.attachment.generation) data.attachment.orphanedOpens += opensPending;
    }
    if (data.attachment.orphanedOpens > 0) data.save();
    data.tell({ type: "detach", connection });
  }

  #dropUnread(): void {
    for (let line = this.#connections.takeUnread(); line !== null; line = this.#connections.takeUnread()) {
      this.#drop(line, "not_reading");
    }
  }
}
