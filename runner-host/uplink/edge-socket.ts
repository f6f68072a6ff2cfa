// Owns one outbound WebSocket to the edge: dials, keeps alive, notices silence, dials again; knows nothing of what passes.

import type { Logger } from "pino";
import { WebSocket } from "ws";
import { type AfterClose, type CloseName, closeCodes, readClose } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { PING, PONG } from "#wire/terminal.ts";
import { BackOff } from "./back-off.ts";

const HANDSHAKE_MS = 10_000;
/** Waiting in this process for an edge that does not read: output stops long before, so it asks for answers and leaves them. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;
/** An edge that is refused has this long to close; what it says is not heard any more. */
const REFUSAL_MS = 1_000;
const NORMAL_CLOSE = 1000;
const GOING_AWAY = 1001;

export interface EdgeSocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onBinary(bytes: Buffer): void;
  /** An open connection was lost or closed, or one was refused; returns what to do about it. */
  onClose(close: { name: CloseName | "cut"; then: AfterClose; wasOpen: boolean }): "redial" | "redial_slowly" | "stop";
  /** Called after a send when the bytes waiting in this process have become fewer. */
  onSent?(): void;
}

export interface EdgeSocketOptions {
  url: string;
  headers: Record<string, string>;
  log: Logger;
}

export class EdgeSocket {
  readonly #options: EdgeSocketOptions;
  readonly #events: EdgeSocketEvents;
  readonly #backOff = new BackOff();
  #socket: WebSocket | null = null;
  #redial: NodeJS.Timeout | null = null;
  #isClosed = false;
  #isRefusing = false;

  constructor(options: EdgeSocketOptions, events: EdgeSocketEvents) {
    this.#options = options;
    this.#events = events;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes given to send and not yet to the network. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  sendText(text: string): void {
    if (!this.isOpen) return;
    this.#socket?.send(text, () => this.#events.onSent?.());
    if (this.unsentBytes > UNSENT_BYTES_MAX) this.#abandon();
  }

  sendBinary(bytes: Buffer): void {
    if (!this.isOpen) return;
    this.#socket?.send(bytes, () => this.#events.onSent?.());
    if (this.unsentBytes > UNSENT_BYTES_MAX) this.#abandon();
  }

  dial(): void {
    if (this.#isClosed) return;
    this.#redial = null;
    const { url, headers } = this.#options;
    const socket = new WebSocket(url, {
      headers,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: limits.runnerMessageBytes,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#isRefusing = false;
    let wasOpen = false;
    let heardAtMs = performance.now();
    let silence: NodeJS.Timeout | undefined;
    socket.on("open", () => {
      wasOpen = true;
      heardAtMs = performance.now();
      silence = setInterval(() => {
        if (performance.now() - heardAtMs > limits.runnerSilenceMs) socket.terminate();
        else if (socket.readyState === WebSocket.OPEN) socket.send(PING);
      }, limits.runnerPingEveryMs);
      this.#events.onOpen();
    });
    socket.on("message", (message: Buffer, isBinary) => {
      heardAtMs = performance.now();
      this.#backOff.reset();
      if (this.#socket !== socket || this.#isRefusing) return;
      if (isBinary) return this.#events.onBinary(message);
      const text = message.toString("utf8");
      if (text !== PONG) this.#events.onText(text);
    });
    socket.on("error", (error) => this.#options.log.debug({ reason: error.message }, "edge socket failed"));
    socket.on("close", (code) => {
      clearInterval(silence);
      if (this.#socket === socket) this.#end(code, wasOpen);
    });
  }

  /** Cuts the present connection with a code and dials again. */
  refuse(name: CloseName): void {
    const socket = this.#socket;
    if (socket === null || this.#isRefusing) return;
    this.#isRefusing = true;
    socket.close(closeCodes[name].code, closeCodes[name].reason);
    setTimeout(() => socket.terminate(), REFUSAL_MS).unref();
  }

  /** For good: nothing is dialled or reported any more. */
  close(isGoingAway = false): void {
    this.#isClosed = true;
    if (this.#redial !== null) clearTimeout(this.#redial);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else socket.close(isGoingAway ? GOING_AWAY : NORMAL_CLOSE);
  }

  #abandon(): void {
    this.#options.log.warn({ unsentBytes: this.unsentBytes }, "the edge does not read what it is sent");
    this.#socket?.terminate();
  }

  #end(code: number, wasOpen: boolean): void {
    this.#socket = null;
    const close = { ...readClose(code), wasOpen };
    const next = this.#events.onClose(close);
    this.#options.log.debug({ code, close: close.name, next }, "edge socket closed");
    if (next === "stop" || this.#isClosed) return;
    this.#redial = setTimeout(
      () => this.dial(),
      next === "redial" ? this.#backOff.nextMs() : this.#backOff.slowestMs(),
    );
  }
}
