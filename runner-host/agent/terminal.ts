// Joins one program on a PTY with what is known of its output and input: carries the pure halves' decisions out on time.

import type { TerminalSummary } from "#wire/session.ts";
import type { Clock } from "./clock.ts";
import type { Pty, PtyEvents, TerminalSize } from "./pty.ts";
import { type Receipt, TerminalInput } from "./terminal-input.ts";
import { type OutputSink, TerminalOutput } from "./terminal-output.ts";
import { PROMPT_LINE_BYTES_MAX, warningLines } from "./warning-lines.ts";

/** A PTY whose input is full gives no sign when it has room: it is asked again this often. */
const INPUT_RETRY_MS = 10;

export interface TerminalSink extends OutputSink {
  received(connection: number, offset: number): void;
  canSend(): boolean;
}

export class Terminal {
  readonly number: number;
  readonly instance: string;
  readonly #clock: Clock;
  readonly #sink: TerminalSink;
  readonly #output = new TerminalOutput();
  readonly #input = new TerminalInput();
  readonly #clientOf = new Map<number, string>();
  readonly #pty: Pty;
  #size: TerminalSize;
  #isReading = true;
  #cancelTimer: (() => void) | null = null;

  /** `size` is what `openPty` gives the program. */
  constructor(
    number: number,
    instance: string,
    size: TerminalSize,
    openPty: (events: PtyEvents) => Pty,
    sink: TerminalSink,
    clock: Clock,
  ) {
    this.number = number;
    this.instance = instance;
    this.#size = size;
    this.#sink = sink;
    this.#clock = clock;
    this.#pty = openPty({
      onOutput: (bytes) => {
        this.#output.append(bytes, this.#clock.nowMs());
        this.step();
      },
      onEnd: (exitCode) => {
        this.#output.exit(exitCode);
        this.step();
      },
    });
    this.#pty.resume();
  }

  get summary(): TerminalSummary {
    return { terminal: this.number, instance: this.instance, exited: this.#output.hasExited };
  }

  /** What `opened` tells, and whether output that the viewer lacks is gone. Nothing is sent before the next step. */
  attach(connection: number, client: string, instance: string | null, offset: number | null) {
    // The last one is the one that the client hears: an older one may be cut, and what it sent before may still come.
    this.#clientOf.delete(connection);
    this.#clientOf.set(connection, client);
    const shown = instance === this.instance ? offset : null;
    return {
      ...this.#output.attach(connection, shown),
      received: this.#input.attach(client),
      ...this.#size,
    };
  }

  detach(connection: number): void {
    if (!this.#clientOf.delete(connection)) return;
    this.#output.detach(connection, this.#clock.nowMs());
    this.step();
  }

  detachAll(): void {
    this.#clientOf.clear();
    this.#output.detachAll(this.#clock.nowMs());
    this.step();
  }

  ack(connection: number, offset: number): void {
    this.#output.ack(connection, offset);
    this.step();
  }

  resize({ cols, rows }: TerminalSize): void {
    if (cols === this.#size.cols && rows === this.#size.rows) return;
    this.#size = { cols, rows };
    this.#pty.resize(cols, rows);
    this.#output.resize(this.#size);
    this.step();
  }

  /** Whether a program other than the shell has the foreground. */
  get isBusy(): boolean {
    return !this.#output.hasExited && !this.#pty.hasForeground();
  }

  /** Shows the message as output of this instance, when the shell has the foreground. */
  warn(message: string): void {
    if (this.#output.hasExited || this.isBusy) return;
    this.#output.append(warningLines(message, this.#output.tail(PROMPT_LINE_BYTES_MAX)), this.#clock.nowMs());
    this.step();
  }

  takeInput(connection: number, offset: number, bytes: Uint8Array): void {
    const client = this.#clientOf.get(connection);
    if (client === undefined) return;
    const input = { offset, bytes };
    const receipt = this.#input.take(client, input, this.#clock.nowMs(), (other) => this.#isAttached(other));
    this.#output.expectEcho();
    this.#feed();
    this.step();
    if (receipt !== null) this.#tell(receipt);
  }

  /** Ends the program and forgets all of it. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#pty.hangUp();
  }

  /** Does all that is due now and sets the one timer for what is due later. */
  step(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#input.pendingBytes > 0) this.#feed();
    const dueAtMs = this.#sink.canSend() ? this.#output.pump(this.#sink, nowMs) : this.#output.holdEndsAtMs(nowMs);
    const wantsOutput = this.#output.wantsOutput(nowMs);
    if (wantsOutput !== this.#isReading) {
      this.#isReading = wantsOutput;
      if (wantsOutput) this.#pty.resume();
      else this.#pty.pause();
    }
    const retryAtMs = this.#input.pendingBytes > 0 ? nowMs + INPUT_RETRY_MS : null;
    this.#callAt(earliest(earliest(dueAtMs, retryAtMs), this.#tellReceipts(nowMs)));
  }

  #callAt(atMs: number | null): void {
    this.#cancelTimer?.();
    this.#cancelTimer = atMs === null ? null : this.#clock.callAt(atMs, () => this.step());
  }

  /** After the output of the same step, so that no receipt stands before an echo; returns when to come again. */
  #tellReceipts(nowMs: number): number | null {
    const { tellAtMs } = this.#input;
    if (tellAtMs === null || !this.#sink.canSend()) return null;
    if (nowMs < tellAtMs) return tellAtMs;
    for (const receipt of this.#input.takeReceipts()) this.#tell(receipt);
    return null;
  }

  #tell({ client, offset }: Receipt): void {
    let latest: number | null = null;
    for (const [connection, its] of this.#clientOf) if (its === client) latest = connection;
    if (latest !== null) this.#sink.received(latest, offset);
  }

  #isAttached(client: string): boolean {
    for (const its of this.#clientOf.values()) if (its === client) return true;
    return false;
  }

  #feed(): void {
    let hasTaken = false;
    for (let bytes = this.#input.next; bytes !== null; bytes = this.#input.next) {
      const taken = this.#pty.write(bytes);
      if (taken === 0) break;
      this.#input.consume(taken);
      hasTaken = true;
    }
    if (!hasTaken) return;
    for (const receipt of this.#input.releaseHeld()) this.#tell(receipt);
  }
}

function earliest(one: number | null, other: number | null): number | null {
  return one === null ? other : Math.min(one, other ?? one);
}
