// Carries out the connection's steps on a real WebSocket: dials, parses what arrives, keeps the one timer, listens for the network.

import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { type BrowserFrame, decodeBrowserFrame, encodeBrowserFrame } from "#wire/terminal-frame.ts";
import { type BrowserMessage, type EdgeMessage, edgeMessageSchema, PING, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { noteFault } from "../page-log.ts";
import { type ConnectionEvent, type ConnectionState, nextWake, stepConnection } from "./connection.ts";
import { noteSocketEnd, noteSocketState } from "./socket-log.ts";

/** Sent when this side gives a socket up; the edge need not act on it. */
const NORMAL_CLOSE = 1000;

/** What the edge says to the page; marks are the socket's own. */
export type SessionMessage = Exclude<EdgeMessage, { type: "mark" }>;

export type SessionSocketListener = {
  connection: (state: ConnectionState) => void;
  message: (message: SessionMessage) => void;
  output: (frame: BrowserFrame) => void;
};

function parseMessage(text: string): EdgeMessage | null {
  try {
    return edgeMessageSchema.parse(JSON.parse(text));
  } catch (error) {
    noteFault("A message could not be read.", error);
    return null;
  }
}

export class SessionSocket {
  readonly #address: string;
  readonly #listener: SessionSocketListener;
  readonly #nudge = (): void => {
    if (document.visibilityState === "visible") this.#step({ type: "nudged" });
  };
  #state: ConnectionState = { name: "closed" };
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sessionId: string, listener: SessionSocketListener) {
    this.#address = new URL(`/ws/sessions/${sessionId}`, location.href.replace(/^http/, "ws")).href;
    this.#listener = listener;
  }

  start(): void {
    window.addEventListener("online", this.#nudge);
    window.addEventListener("offline", this.#nudge);
    document.addEventListener("visibilitychange", this.#nudge);
    this.#step({ type: "start" });
  }

  stop(): void {
    window.removeEventListener("online", this.#nudge);
    window.removeEventListener("offline", this.#nudge);
    document.removeEventListener("visibilitychange", this.#nudge);
    this.#step({ type: "stop" });
  }

  /** Dials at once instead of at the end of the wait. */
  hurry(): void {
    this.#step({ type: this.#state.name === "over" ? "start" : "nudged" });
  }

  send(message: BrowserMessage): void {
    if (this.#state.name === "open") this.#socket?.send(JSON.stringify(message));
  }

  sendInput(frame: BrowserFrame): void {
    if (this.#state.name === "open") this.#socket?.send(encodeBrowserFrame(frame));
  }

  #step(event: ConnectionEvent): void {
    const before = this.#state;
    const { state, effects } = stepConnection(before, event, Date.now(), Math.random());
    this.#state = state;
    clearTimeout(this.#timer);
    const wakeAt = nextWake(state);
    if (wakeAt !== null) this.#timer = setTimeout(() => this.#step({ type: "woke" }), Math.max(0, wakeAt - Date.now()));
    for (const effect of effects) {
      if (effect === "dial") this.#dial();
      else if (effect === "ping") this.#socket?.send(PING);
      else {
        if (event.type === "woke") noteSocketEnd({ at: Date.now(), code: null });
        this.#hangUp();
      }
    }
    if (state.name !== "open") this.#socket = state.name === "dialing" ? this.#socket : null;
    noteSocketState(state.name, Date.now());
    if (state.name !== before.name) this.#listener.connection(state);
  }

  #dial(): void {
    const socket = new WebSocket(this.#address, BROWSER_SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#step({ type: "opened" });
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.#hear(event.data);
    socket.onclose = (event) => {
      noteSocketEnd({ at: Date.now(), code: event.code });
      this.#step({ type: "closed", code: event.code });
    };
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(NORMAL_CLOSE);
  }

  #hear(received: string | ArrayBuffer): void {
    this.#step({ type: "heard" });
    if (received === PONG) return;
    if (typeof received === "string") {
      const message = parseMessage(received);
      if (message === null) this.#giveUp("a message");
      // The proof that this page reads is given before anything is drawn.
      else if (message.type === "mark") this.send({ type: "read", mark: message.mark });
      else this.#listener.message(message);
    } else {
      const frame = decodeBrowserFrame(new Uint8Array(received), limits.terminalFrameBytes);
      if (frame === null) this.#giveUp("a terminal frame");
      else this.#listener.output(frame);
    }
  }

  /** Page and server speak differently: only a reload can help. */
  #giveUp(what: string): void {
    noteFault(`The server sent ${what} that this page does not understand.`);
    this.#hangUp();
    this.#step({ type: "closed", code: closeCodes.reload_required.code });
  }
}
