// A browser tab's socket with terminals on it, as a stopwatch uses it: acknowledges and answers marks as the page does.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { limits } from "#wire/limits.ts";
import { decodeBrowserFrame, encodeBrowserFrame } from "#wire/terminal-frame.ts";
import { type BrowserMessage, type EdgeMessage, edgeMessageSchema, PING, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import type { TestUser } from "../test/support/test-user.ts";
import { type ByteLine, LineOutput } from "./byte-line.ts";

class BerthLine implements ByteLine {
  readonly client = randomUUID();
  readonly #socket: BerthSocket;
  readonly #terminal: number;
  readonly #output = new LineOutput();
  #typedBytes = 0;
  #acknowledged = 0;

  constructor(socket: BerthSocket, terminal: number) {
    this.#socket = socket;
    this.#terminal = terminal;
  }

  get receivedBytes(): number {
    return this.#output.receivedBytes;
  }

  type(text: string): void {
    const payload = Buffer.from(text);
    this.#socket.sendBytes(encodeBrowserFrame({ terminal: this.#terminal, offset: this.#typedBytes, payload }));
    this.#typedBytes += payload.length;
  }

  expect(pattern: RegExp): Promise<void> {
    return this.#output.next(pattern);
  }

  take(offset: number, payload: Uint8Array): void {
    const drawn = offset + payload.length;
    if (drawn - this.#acknowledged >= limits.ackEveryBytes) {
      this.#acknowledged = drawn;
      this.#socket.tell({ type: "ack", terminal: this.#terminal, offset: drawn });
    }
    this.#output.take(payload);
  }
}

export class BerthSocket {
  readonly #socket: WebSocket;
  readonly #lines = new Map<number, BerthLine>();
  readonly #isReady: Promise<void>;

  /** Connects at once. */
  constructor(user: TestUser, session: string) {
    this.#socket = new WebSocket(`${user.address.replace(/^http/, "ws")}/ws/sessions/${session}`, BROWSER_SUBPROTOCOL, {
      headers: { cookie: user.cookie },
      origin: user.address,
    });
    const ready = Promise.withResolvers<void>();
    this.#isReady = ready.promise;
    this.#socket.on("error", ready.reject);
    this.#socket.on("close", (code, reason) => ready.reject(new Error(`the edge closed: ${code} ${String(reason)}`)));
    this.#socket.on("message", (bytes: Buffer, isBinary) => {
      if (isBinary) this.#takeFrame(bytes);
      else if (bytes.toString() !== PONG)
        this.#takeMessage(edgeMessageSchema.parse(JSON.parse(bytes.toString())), ready);
    });
    const keepAlive = setInterval(() => this.#socket.send(PING), limits.browserPingEveryMs);
    this.#socket.on("close", () => clearInterval(keepAlive));
  }

  /** Resolves once the session is ready. */
  whenReady(): Promise<void> {
    return this.#isReady;
  }

  /** Opens a terminal as soon as the session is ready; resolves at its first output byte. */
  async open(terminal: number): Promise<ByteLine> {
    await this.#isReady;
    const line = new BerthLine(this, terminal);
    this.#lines.set(terminal, line);
    const isFirst = line.expect(/[\s\S]/);
    const shown = { client: line.client, instance: null, offset: null };
    this.tell({ type: "open", terminal, cols: 80, rows: 24, claimsSize: true, ...shown });
    await isFirst;
    return line;
  }

  tell(message: BrowserMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendBytes(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  async close(): Promise<void> {
    const isClosed = once(this.#socket, "close");
    this.#socket.terminate();
    await isClosed;
  }

  #takeFrame(bytes: Buffer): void {
    const frame = decodeBrowserFrame(bytes, limits.terminalFrameBytes);
    if (frame === null) throw new Error("the edge sent a frame that is none");
    this.#lines.get(frame.terminal)?.take(frame.offset, frame.payload);
  }

  #takeMessage(message: EdgeMessage, ready: { resolve(): void }): void {
    if (message.type === "mark") this.tell({ type: "read", mark: message.mark });
    if (message.type === "error") throw new Error(`the edge refused: ${message.code} ${message.message}`);
    if (message.type === "session" && message.session.state === "ready") ready.resolve();
  }
}
