// A browser as the edge sees it: connects, opens terminals, acknowledges, types, and comes back by itself after any cut.

import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { readClose } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { Notice, Session } from "#wire/session.ts";
import { type BrowserFrame, decodeBrowserFrame, encodeBrowserFrame, PROBE_FRAME } from "#wire/terminal-frame.ts";
import { type EdgeMessage, edgeMessageSchema, PING, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { type TerminalSize, TestTerminal } from "./test-terminal.ts";
import type { TestUser } from "./test-user.ts";

export interface ClientOptions {
  /** Where to connect instead of to the user's own address: a proxy. */
  readonly through?: string;
  /** Shorter than a browser's, so that tests of silence need not be long. */
  readonly pingEveryMs?: number;
  readonly silenceMs?: number;
}

type TerminalMessage = Extract<EdgeMessage, { type: "opened" | "truncated" | "received" | "exited" | "resized" }>;

const REDIAL_MS = 100;

export class TestClient {
  readonly #user: TestUser;
  readonly #sessionId: string;
  readonly #options: Required<ClientOptions>;
  readonly #terminals = new Map<number, TestTerminal>();
  readonly #changes = new EventEmitter();
  /** Refusals and close codes, in order. */
  readonly closes: number[] = [];
  readonly errors: string[] = [];
  /** What a page shows its learner, in order. */
  readonly notices: Notice[] = [];
  /** Answers to probes: numbers of messages, bytes of frames. */
  readonly probed: (number | Buffer)[] = [];
  session: Session | null = null;
  connections = 0;
  /** What an honest page does at once; tests of others switch it off. */
  isAcknowledging = true;
  isAnsweringMarks = true;
  #isReading = true;
  #socket: WebSocket | null = null;
  #heardAt = 0;
  #isLeaving = false;

  constructor(user: TestUser, sessionId: string, options: ClientOptions = {}) {
    this.#user = user;
    this.#sessionId = sessionId;
    const { browserPingEveryMs, browserSilenceMs } = limits;
    const usual = { through: user.address, pingEveryMs: browserPingEveryMs, silenceMs: browserSilenceMs };
    this.#options = { ...usual, ...options };
    this.#changes.setMaxListeners(0);
    this.#dial();
  }

  /** Opens a terminal and keeps it open over every cut. */
  async open(terminal = 0, withinMs = 10_000, wanted?: TerminalSize): Promise<TestTerminal> {
    await this.waitFor(() => this.session?.state === "ready", withinMs, "the session to be ready");
    const opened = new TestTerminal(terminal);
    if (wanted !== undefined) opened.wanted = wanted;
    this.#terminals.set(terminal, opened);
    this.send(opened.openMessage());
    await this.waitFor(() => opened.isOpen, withinMs, "the terminal to open");
    return opened;
  }

  type(terminal: TestTerminal, text: string): void {
    for (const frame of terminal.type(text)) this.#sendFrame(frame);
  }

  resize(terminal: TestTerminal, size: TerminalSize): void {
    terminal.wanted = size;
    this.send({ type: "resize", terminal: terminal.terminal, ...size });
  }

  /** Leaves what arrives in the network, whatever else it still sends. */
  stopReading(): void {
    this.#isReading = false;
    this.#socket?.pause();
  }

  readOn(): void {
    this.#isReading = true;
    this.#heardAt = performance.now();
    this.#socket?.resume();
  }

  /** Sends a message as it is, true to the protocol or not. */
  send(message: unknown): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  sendRaw(bytes: Uint8Array | string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  /** Resolves with the match in all output so far. */
  async waitForOutput(terminal: TestTerminal, pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
    await this.waitFor(
      () => pattern.test(terminal.text),
      withinMs,
      `output like ${pattern}`,
      () => terminal.text.slice(-2_000),
    );
    const match = pattern.exec(terminal.text);
    if (match === null) throw new Error(`${pattern} must not be global`);
    return match;
  }

  async waitFor(
    condition: () => boolean,
    withinMs: number,
    what: string,
    describe = () => this.#describe(),
  ): Promise<void> {
    const deadline = AbortSignal.timeout(withinMs);
    while (!condition()) {
      const changed = new Promise<void>((resolve) => this.#changes.once("change", resolve));
      const expired = new Promise<void>((resolve) =>
        deadline.addEventListener("abort", () => resolve(), { once: true }),
      );
      if (deadline.aborted) throw new Error(`waited ${withinMs} ms for ${what}; ${describe()}`);
      await Promise.race([changed, expired]);
    }
  }

  leave(): void {
    this.#isLeaving = true;
    this.#socket?.terminate();
  }

  #dial(): void {
    const { through, pingEveryMs, silenceMs } = this.#options;
    const url = `${through.replace(/^http/, "ws")}/ws/sessions/${this.#sessionId}`;
    const socket = new WebSocket(url, BROWSER_SUBPROTOCOL, {
      headers: { cookie: this.#user.cookie },
      origin: through,
      handshakeTimeout: silenceMs,
    });
    this.#socket = socket;
    this.#heardAt = performance.now();
    const ticker = setInterval(() => {
      if (this.#isReading && performance.now() - this.#heardAt > silenceMs) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) socket.send(PING);
    }, pingEveryMs);
    socket.on("open", () => {
      this.connections++;
      if (!this.#isReading) socket.pause();
      for (const terminal of this.#terminals.values()) this.send(terminal.openMessage());
      this.#changes.emit("change");
    });
    socket.on("message", (bytes: Buffer, isBinary) => {
      this.#heardAt = performance.now();
      if (isBinary) this.#onFrame(bytes);
      else this.#onText(bytes.toString());
      this.#changes.emit("change");
    });
    socket.on("error", (error) => this.errors.push(error.message));
    socket.on("close", (code) => {
      clearInterval(ticker);
      this.closes.push(code);
      for (const terminal of this.#terminals.values()) terminal.detach();
      this.#changes.emit("change");
      if (!this.#isLeaving && readClose(code).then === "retry")
        void delay(REDIAL_MS).then(() => this.#isLeaving || this.#dial());
    });
  }

  #onFrame(bytes: Buffer): void {
    if (bytes[0] === PROBE_FRAME) {
      this.probed.push(bytes);
      return;
    }
    const frame = decodeBrowserFrame(bytes, limits.terminalFrameBytes);
    if (frame === null) throw new Error(`the edge sent a frame that is none: ${bytes.toString("hex", 0, 16)}`);
    const terminal = this.#terminals.get(frame.terminal);
    const acknowledged = terminal?.onOutput(frame) ?? null;
    if (acknowledged !== null && this.isAcknowledging)
      this.send({ type: "ack", terminal: frame.terminal, offset: acknowledged });
  }

  #onText(text: string): void {
    if (text === PONG) return;
    const message = edgeMessageSchema.parse(JSON.parse(text));
    if (message.type === "session") this.session = message.session;
    else if (message.type === "notice") this.notices.push(message.notice);
    else if (message.type === "reattach") this.#reattach();
    else if (message.type === "mark") this.#onMark(message.mark);
    else if (message.type === "probed") this.probed.push(message.probe);
    else if (message.type === "error") this.errors.push(`${message.code}: ${message.message}`);
    else this.#onTerminal(message);
  }

  #onMark(mark: number): void {
    if (this.isAnsweringMarks) this.send({ type: "read", mark });
  }

  #onTerminal(message: TerminalMessage): void {
    const terminal = this.#terminals.get(message.terminal);
    if (terminal === undefined) throw new Error(`the edge sent ${message.type} for a terminal that was never opened`);
    if (message.type === "opened") for (const frame of terminal.onOpened(message)) this.#sendFrame(frame);
    if (message.type === "truncated") terminal.onTruncated(message.offset);
    if (message.type === "resized") terminal.onResized({ cols: message.cols, rows: message.rows });
    if (message.type === "received") terminal.onReceived(message.offset);
    if (message.type === "exited") terminal.exitCode = message.exitCode;
  }

  #reattach(): void {
    for (const terminal of this.#terminals.values()) {
      terminal.detach();
      this.send(terminal.openMessage());
    }
  }

  #sendFrame(frame: BrowserFrame): void {
    this.sendRaw(encodeBrowserFrame(frame));
  }

  #describe(): string {
    return `session ${JSON.stringify(this.session)}, closes ${this.closes.join(" ")}, errors ${this.errors.join("; ")}`;
  }
}
