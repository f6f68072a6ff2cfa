// The object's sockets, found by tag and known by attachment; memory only caches what the platform keeps for them.

import { type CloseName, closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { SessionDataMessage } from "#wire/runner.ts";
import type { EdgeMessage } from "#wire/terminal.ts";
import type { Attachment, BrowserAttachment, DataAttachment } from "./attachment.ts";

/** One end of the relay: a socket, or a recorder in a test. */
export type Line<A extends Attachment, M> = {
  readonly attachment: A;
  /** Stores the attachment after it was changed. */
  save(): void;
  tell(message: M): void;
  sendBytes(frame: Uint8Array): void;
  close(name: CloseName): void;
};
export type BrowserLine = Line<BrowserAttachment, EdgeMessage>;
export type DataLine = Line<DataAttachment, SessionDataMessage>;

class SocketLine<A extends BrowserAttachment | DataAttachment, M> implements Line<A, M> {
  readonly attachment: A;
  readonly #socket: WebSocket;
  readonly #onOver: () => void;

  constructor(socket: WebSocket, attachment: A, onOver: () => void) {
    this.#socket = socket;
    this.attachment = attachment;
    this.#onOver = onOver;
  }

  save(): void {
    this.#socket.serializeAttachment(this.attachment);
  }

  tell(message: M): void {
    if (this.#isOpen()) this.#socket.send(JSON.stringify(message));
  }

  sendBytes(frame: Uint8Array): void {
    if (this.#isOpen()) this.#socket.send(frame);
  }

  close(name: CloseName): void {
    this.#onOver();
    this.#socket.serializeAttachment({ kind: "over" } satisfies Attachment);
    if (this.#isOpen()) this.#socket.close(closeCodes[name].code, closeCodes[name].reason);
  }

  #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }
}

type SocketEntry =
  | { kind: "browser"; line: BrowserLine; lastHeardAt: number }
  | { kind: "data"; line: DataLine; lastHeardAt: number }
  | { kind: "over" };

export class Connections {
  readonly #ctx: DurableObjectState;
  readonly #entries = new WeakMap<WebSocket, SocketEntry>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  accept(socket: WebSocket, attachment: BrowserAttachment | DataAttachment): void {
    this.#ctx.acceptWebSocket(socket, [attachment.kind]);
    socket.serializeAttachment(attachment);
  }

  of(socket: WebSocket): SocketEntry {
    const known = this.#entries.get(socket);
    if (known !== undefined) return known;
    const entry = this.#read(socket);
    this.#entries.set(socket, entry);
    return entry;
  }

  browsers(): BrowserLine[] {
    return this.#ctx.getWebSockets("browser").flatMap((socket) => {
      const entry = this.of(socket);
      return entry.kind === "browser" ? [entry.line] : [];
    });
  }

  data(): DataLine | null {
    for (const socket of this.#ctx.getWebSockets("data")) {
      const entry = this.of(socket);
      if (entry.kind === "data") return entry.line;
    }
    return null;
  }

  /** Forgets a socket that closed; answers what it was. */
  remove(socket: WebSocket): SocketEntry {
    const entry = this.of(socket);
    this.#entries.set(socket, { kind: "over" });
    return entry;
  }

  noteHeard(socket: WebSocket, now: number): void {
    const entry = this.of(socket);
    if (entry.kind !== "over") entry.lastHeardAt = now;
  }

  /** Sockets whose other side has gone without saying so: not even a keep-alive came for too long. */
  silent(now: number): (BrowserLine | DataLine)[] {
    return this.#ctx.getWebSockets().flatMap((socket) => {
      const entry = this.of(socket);
      if (entry.kind === "over") return [];
      const lastHeardAt = Math.max(
        entry.lastHeardAt,
        this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
      );
      const silenceMs = entry.kind === "data" ? limits.runnerSilenceMs : limits.browserGhostMs;
      return now - lastHeardAt > silenceMs ? [entry.line] : [];
    });
  }

  #read(socket: WebSocket): SocketEntry {
    const attachment: Attachment | null = socket.deserializeAttachment();
    const forget = () => this.#entries.set(socket, { kind: "over" });
    switch (attachment?.kind) {
      case "browser":
        return { kind: "browser", line: new SocketLine(socket, attachment, forget), lastHeardAt: attachment.openedAt };
      case "data":
        return { kind: "data", line: new SocketLine(socket, attachment, forget), lastHeardAt: attachment.openedAt };
      default:
        return { kind: "over" };
    }
  }
}

/** The next number from `from` on that is not in use, wrapping before the u16 ends; 0 stays for all live viewers. */
export function freeConnection(used: ReadonlySet<number>, from: number): number {
  let number = from;
  while (number > limits.connectionNumberMax || used.has(number))
    number = number >= limits.connectionNumberMax ? 1 : number + 1;
  return number;
}
