// The object's sockets, found by tag and known by attachment; memory only caches what the platform keeps for them.

import { limits } from "#wire/limits.ts";
import { edgeCounts } from "../metrics/edge-counts.ts";
import { type Attachment, type BrowserAttachment, type DataAttachment, recall } from "./attachment.ts";
import type { BrowserLine, DataLine } from "./line.ts";
import { browserRates, type HostRates, hostRates, type Rates } from "./rates.ts";
import { type LineWatch, SocketLine } from "./socket-line.ts";
import { findFurthestBehind, SAVE_EVERY_BYTES } from "./unread.ts";

export type OpenEntry = (
  | { kind: "browser"; line: BrowserLine; rates: Rates }
  | { kind: "data"; line: DataLine; rates: HostRates }
) & { lastHeardAt: number };
type SocketEntry = OpenEntry | { kind: "over" };

export class Connections {
  readonly #ctx: DurableObjectState;
  readonly #entries = new WeakMap<WebSocket, SocketEntry>();
  /** Asked for with each frame: found anew only after a socket came or went. */
  #browsers: readonly BrowserLine[] | null = null;
  #data: DataLine | null | undefined;
  readonly #unread = new Set<BrowserLine | DataLine>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  accept(socket: WebSocket, attachment: BrowserAttachment | DataAttachment): void {
    this.#ctx.acceptWebSocket(socket, [attachment.kind]);
    edgeCounts.accepted[attachment.kind] += 1;
    socket.serializeAttachment(attachment);
    this.#entries.set(socket, this.#entryOf(socket, attachment, 0));
    this.#forgetLists();
  }

  of(socket: WebSocket): SocketEntry {
    const known = this.#entries.get(socket);
    if (known !== undefined) return known;
    const entry = this.#read(socket);
    this.#entries.set(socket, entry);
    return entry;
  }

  browsers(): readonly BrowserLine[] {
    this.#browsers ??= this.#ctx.getWebSockets("browser").flatMap((socket) => {
      const entry = this.of(socket);
      return entry.kind === "browser" ? [entry.line] : [];
    });
    return this.#browsers;
  }

  data(): DataLine | null {
    if (this.#data === undefined) {
      const entries = this.#ctx.getWebSockets("data").map((socket) => this.of(socket));
      this.#data = entries.find((entry) => entry.kind === "data")?.line ?? null;
    }
    return this.#data;
  }

  /** Forgets a socket that closed; answers what it was. */
  remove(socket: WebSocket): SocketEntry {
    const entry = this.of(socket);
    this.#setOver(socket);
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

  /** What is held for sockets that were closed and whose other side has not even read that. */
  lingeringBytes(): number {
    return this.#ctx.getWebSockets().reduce((bytes, socket) => {
      const attachment: Attachment | null = socket.deserializeAttachment();
      return bytes + (attachment?.kind === "over" ? attachment.unreadBytes : 0);
    }, 0);
  }

  /** Takes one of the lines that too much waits on, or null when there is none (left). */
  takeUnread(): BrowserLine | DataLine | null {
    const [line] = this.#unread;
    if (line === undefined) return null;
    this.#unread.delete(line);
    return line;
  }

  #read(socket: WebSocket): SocketEntry {
    const attachment: Attachment | null = socket.deserializeAttachment();
    if (attachment === null || attachment.kind === "over") return { kind: "over" };
    recall(attachment);
    return this.#entryOf(socket, attachment, attachment.unread.bytes - SAVE_EVERY_BYTES);
  }

  #entryOf(socket: WebSocket, attachment: BrowserAttachment | DataAttachment, storedBytes: number): SocketEntry {
    const watch: LineWatch = {
      onOver: () => {
        this.#unread.delete(entry.line);
        this.#setOver(socket);
      },
      onTooMuch: () => this.#unread.add(entry.line),
      onUnread: () => {
        if (entry.kind === "browser") this.#boundSession();
      },
    };
    const now = Date.now();
    const lastHeardAt = attachment.openedAt;
    const entry: OpenEntry =
      attachment.kind === "browser"
        ? {
            kind: "browser",
            line: new SocketLine(socket, attachment, storedBytes, watch),
            rates: browserRates(now),
            lastHeardAt,
          }
        : {
            kind: "data",
            line: new SocketLine(socket, attachment, storedBytes, watch),
            rates: hostRates(now),
            lastHeardAt,
          };
    return entry;
  }

  /** Too much on all browser sockets together is laid to the one furthest behind. */
  #boundSession(): void {
    const browsers = this.browsers().filter((browser) => !this.#unread.has(browser));
    const furthest = findFurthestBehind(browsers.map(({ attachment }) => attachment.unread.bytes));
    const line = furthest === null ? undefined : browsers[furthest];
    if (line !== undefined) this.#unread.add(line);
  }

  #setOver(socket: WebSocket): void {
    this.#entries.set(socket, { kind: "over" });
    this.#forgetLists();
  }

  #forgetLists(): void {
    this.#browsers = null;
    this.#data = undefined;
  }
}

/** The next number from `from` on that is not in use, wrapping before the u16 ends; 0 stays for all live viewers. */
export function freeConnection(used: ReadonlySet<number>, from: number): number {
  let number = from;
  while (number > limits.connectionNumberMax || used.has(number))
    number = number >= limits.connectionNumberMax ? 1 : number + 1;
  return number;
}
