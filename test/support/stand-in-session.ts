// One session at the edge stand-in: admits the newest data socket, opens its viewers' terminals again after every cut, and relays.

import type { WebSocket } from "ws";
import { type CloseName, closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { type HostDataMessage, hostDataMessageSchema, type SessionDataMessage } from "#wire/runner.ts";
import type { BrowserFrame } from "#wire/terminal-frame.ts";
import { ALL_LIVE_VIEWERS, decodeRunnerFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { PING, PONG } from "#wire/terminal.ts";
import type { TestTerminal } from "./test-terminal.ts";
import { waitUntil } from "./wait-until.ts";

export class StandInSession {
  readonly session: string;
  readonly epoch: number;
  readonly ticket: string;
  readonly said: HostDataMessage[] = [];
  readonly viewers = new Map<number, TestTerminal>();
  isAgentUp = false;
  accepted = 0;
  closeCode: number | null = null;
  /** Viewers do not acknowledge while it is set. */
  isDrawing = true;
  #socket: WebSocket | null = null;

  constructor(session: string, epoch: number) {
    this.session = session;
    this.epoch = epoch;
    this.ticket = `ticket-${session}-${epoch}`;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** Given to send and not yet taken by the network: it grows when the host does not read. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  accept(socket: WebSocket): void {
    this.#socket?.close(closeCodes.replaced.code);
    this.#socket = socket;
    this.accepted++;
    socket.on("message", (message: Buffer, isBinary) => {
      if (this.#socket !== socket) return;
      if (isBinary) return this.#takeOutput(message);
      const text = message.toString("utf8");
      if (text === PING) socket.send(PONG);
      else this.#take(hostDataMessageSchema.parse(JSON.parse(text)));
    });
    socket.on("close", (code) => {
      this.closeCode = code;
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#detachAll();
    });
  }

  send(message: SessionDataMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  close(name: CloseName): void {
    this.#socket?.close(closeCodes[name].code, closeCodes[name].reason);
  }

  /** A cut by the network: no closing frame. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Stops reading from the host. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  attach(connection: number, terminal: TestTerminal): void {
    this.viewers.set(connection, terminal);
    if (this.isAgentUp) this.#open(connection, terminal);
  }

  type(connection: number, text: string): void {
    const terminal = this.viewers.get(connection);
    if (terminal !== undefined) this.#sendInput(connection, terminal.type(text));
  }

  sendRaw(bytes: Buffer | string): void {
    this.#socket?.send(bytes);
  }

  async waitFor(type: HostDataMessage["type"], count = 1, withinMs = 5_000): Promise<HostDataMessage> {
    const found = () => this.said.filter((message) => message.type === type);
    await waitUntil(() => found().length >= count, withinMs, `${type} on the data socket`);
    const message = found()[count - 1];
    if (message === undefined) throw new Error("cannot happen");
    return message;
  }

  #open(connection: number, terminal: TestTerminal): void {
    this.#socket?.send(JSON.stringify({ ...Object(terminal.openMessage()), connection }));
  }

  #sendInput(connection: number, frames: BrowserFrame[]): void {
    for (const frame of frames) this.#socket?.send(encodeRunnerFrame({ ...frame, connection }));
  }

  #attachAll(): void {
    this.isAgentUp = true;
    for (const [connection, terminal] of this.viewers) this.#open(connection, terminal);
  }

  #detachAll(): void {
    this.isAgentUp = false;
    for (const terminal of this.viewers.values()) terminal.detach();
  }

  #take(message: HostDataMessage): void {
    this.said.push(message);
    if (message.type === "agent") {
      if (message.state === "down") this.#detachAll();
      else {
        this.#detachAll();
        this.#attachAll();
      }
      return;
    }
    for (const [connection, terminal] of this.viewers) {
      if ("connection" in message && message.connection !== connection) continue;
      if ("terminal" in message && message.terminal !== terminal.terminal) continue;
      if (message.type === "opened") this.#sendInput(connection, terminal.onOpened(message));
      else if (message.type === "truncated") terminal.onTruncated(message.offset);
      else if (message.type === "received") terminal.onReceived(message.offset);
      else if (message.type === "exited") terminal.exitCode = message.exitCode;
    }
  }

  #takeOutput(bytes: Buffer): void {
    const frame = decodeRunnerFrame(bytes, limits.terminalFrameBytes);
    if (frame === null) throw new Error("the host sent a malformed output frame");
    for (const [connection, terminal] of this.viewers) {
      if (frame.connection !== ALL_LIVE_VIEWERS && frame.connection !== connection) continue;
      if (!terminal.isOpen || frame.terminal !== terminal.terminal) continue;
      const ackAt = terminal.onOutput(frame);
      if (ackAt !== null && this.isDrawing)
        this.send({ type: "ack", connection, terminal: frame.terminal, offset: ackAt });
    }
  }
}
