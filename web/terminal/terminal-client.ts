// The browser's half of one terminal: what is drawn and what was typed, by instance and offset. It knows no socket and no emulator.

import { limits } from "#wire/limits.ts";
import { splitAtReplay } from "./replay-parts.ts";
import type { TerminalEffect, TerminalEvent, TerminalMessage, TerminalPhase, TerminalSize } from "./terminal-event.ts";
import { UnsentInput } from "./unsent-input.ts";

const CARRIAGE_RETURN = 13;

export class TerminalClient {
  readonly #terminal: number;
  readonly #client: string;
  readonly #input = new UnsentInput();
  #effects: TerminalEffect[] = [];
  #phase: TerminalPhase = { name: "waiting" };
  #isReachable = false;
  #isUsedHere = true;
  /** An exited instance to end before the next `open`: the learner asked for a new shell. */
  #ending: string | null = null;
  #instance: string | null = null;
  /** Output before this was given to the emulator. */
  #written = 0;
  #acked = 0;
  /** Output before this is replay: it must not act. */
  #replayEnd = 0;
  #size: TerminalSize;
  #openedSize: TerminalSize;
  /** Set while a gap in the output waits for its second `open`: where the gap was. */
  #gapAt: number | null = null;

  constructor(terminal: number, client: string, size: TerminalSize) {
    this.#terminal = terminal;
    this.#client = client;
    this.#size = size;
    this.#openedSize = size;
  }

  get phase(): TerminalPhase {
    return this.#phase;
  }

  /** Applies what happened; the effects are to be carried out in order. */
  apply(event: TerminalEvent): TerminalEffect[] {
    this.#effects = [];
    switch (event.type) {
      case "reachable":
        this.#isReachable = true;
        if (this.#phase.name !== "exited" || this.#ending !== null) this.#open();
        break;
      case "unreachable":
        this.#isReachable = false;
        if (this.#phase.name === "attached") this.#enter({ name: "waiting" });
        break;
      case "message":
        this.#receive(event.message);
        break;
      case "output":
        if (this.#phase.name === "attached" || this.#phase.name === "exited") this.#draw(event.offset, event.payload);
        break;
      case "drawn":
        if (event.instance === this.#instance) this.#ack(event.offset);
        break;
      case "typed":
        this.#type(event.bytes);
        break;
      case "answered":
        if (!event.isReplay && this.#isUsedHere && this.#phase.name !== "exited") this.#keep(event.bytes);
        break;
      case "used":
        // The terminal's size follows the tab used last.
        if (event.isHere && !this.#isUsedHere && this.#phase.name === "attached") this.#sendSize();
        this.#isUsedHere = event.isHere;
        break;
      case "resized":
        this.#size = { cols: event.cols, rows: event.rows };
        if (this.#phase.name === "attached") this.#sendSize();
        break;
      case "restart":
        this.#restart();
        break;
      case "retry_input":
        this.#tryInputAgain();
        break;
    }
    return this.#effects;
  }

  #receive(message: TerminalMessage): void {
    switch (message.type) {
      case "opened":
        this.#attach(message);
        break;
      case "truncated":
        if (this.#phase.name === "attached") this.#skipTo(message.offset);
        break;
      case "received":
        if (this.#phase.name === "attached") this.#inputTaken(message.offset);
        break;
      case "exited":
        if (this.#phase.name !== "attached") break;
        this.#input.restart();
        this.#enter({ name: "exited", exitCode: message.exitCode });
        break;
      case "error":
        this.#refused(message);
        break;
    }
  }

  #open(): void {
    const [terminal, instance] = [this.#terminal, this.#ending];
    if (instance !== null) this.#effects.push({ type: "send", message: { type: "close", terminal, instance } });
    this.#ending = null;
    this.#enter({ name: "waiting" });
    this.#openedSize = this.#size;
    this.#effects.push({
      type: "send",
      message: {
        type: "open",
        terminal,
        ...this.#size,
        claimsSize: this.#isUsedHere,
        client: this.#client,
        instance: this.#instance,
        offset: this.#instance === null ? null : this.#written,
      },
    });
  }

  #attach(opened: Extract<TerminalMessage, { type: "opened" }>): void {
    if (!this.#isReachable) return;
    if (opened.instance !== this.#instance) {
      if (this.#instance !== null) {
        this.#forgetInstance();
        this.#effects.push({ type: "show_new_shell" });
      }
      this.#instance = opened.instance;
      this.#written = 0;
      this.#acked = 0;
    }
    this.#skipTo(opened.offset);
    this.#replayEnd = opened.end;
    this.#acked = Math.max(this.#acked, opened.offset);
    this.#input.attach(opened.received);
    this.#enter({ name: "attached" });
    if (this.#size.cols !== this.#openedSize.cols || this.#size.rows !== this.#openedSize.rows) this.#sendSize();
    this.#sendInput();
  }

  #forgetInstance(): void {
    this.#effects.push({ type: "clear" });
    const bytes = this.#input.restart();
    if (bytes.length > 0) this.#effects.push({ type: "show_unsent", bytes });
  }

  #skipTo(offset: number): void {
    if (offset <= this.#written) return;
    this.#effects.push({ type: "show_missing", bytes: offset - this.#written });
    this.#written = offset;
  }

  /** Also after the exit: a slow viewer hears of it before the last output. */
  #draw(offset: number, payload: Uint8Array): void {
    if (offset > this.#written) {
      // A lost frame cannot be waited for: open again from here, and when that does not bring it, go on without it.
      if (this.#gapAt !== this.#written) {
        this.#gapAt = this.#written;
        this.#open();
        return;
      }
      this.#skipTo(offset);
    }
    const [instance, fresh] = [this.#instance, payload.subarray(this.#written - offset)];
    if (fresh.length === 0 || instance === null) return;
    for (const [part, isReplay] of splitAtReplay(fresh, this.#replayEnd - this.#written)) {
      this.#written += part.length;
      this.#effects.push({ type: "draw", instance, end: this.#written, payload: part, isReplay });
    }
  }

  #ack(drawn: number): void {
    if (this.#phase.name === "waiting" || drawn - this.#acked < limits.ackEveryBytes) return;
    this.#acked = drawn;
    this.#effects.push({ type: "send", message: { type: "ack", terminal: this.#terminal, offset: drawn } });
  }

  #type(bytes: Uint8Array): void {
    if (this.#phase.name === "exited" || this.#phase.name === "failed") {
      if (bytes.length === 1 && bytes[0] === CARRIAGE_RETURN) this.#restart();
    } else if (!this.#keep(bytes)) {
      this.#effects.push({ type: "bell" });
    }
  }

  #keep(bytes: Uint8Array): boolean {
    if (!this.#input.append(bytes)) return false;
    if (this.#phase.name === "attached") this.#sendInput();
    return true;
  }

  #sendInput(): void {
    for (const frame of this.#input.takeFrames()) this.#effects.push({ type: "send_input", ...frame });
  }

  #inputTaken(offset: number): void {
    const delayMs = this.#input.received(offset);
    if (delayMs === null) this.#sendInput();
    else this.#effects.push({ type: "retry_input_after", delayMs });
  }

  #tryInputAgain(): void {
    if (this.#phase.name !== "attached") return;
    const retry = this.#input.retry();
    if (retry === null) return;
    this.#effects.push({ type: "send_input", ...retry.frame });
    this.#effects.push({ type: "retry_input_after", delayMs: retry.delayMs });
  }

  #restart(): void {
    if (this.#phase.name !== "exited" && this.#phase.name !== "failed") return;
    if (this.#phase.name === "exited") {
      this.#ending = this.#instance;
      this.#forgetInstance();
      this.#instance = null;
    }
    if (this.#isReachable) this.#open();
    else this.#enter({ name: "waiting" });
  }

  #refused(error: Extract<TerminalMessage, { type: "error" }>): void {
    if (error.code === "terminal_failed") {
      this.#enter({ name: "failed", message: error.message });
    } else if (error.code !== "terminal_not_open") {
      this.#isReachable = false;
      if (this.#phase.name !== "exited") this.#enter({ name: "waiting" });
    } else if (this.#phase.name === "attached") {
      this.#open();
    }
  }

  #sendSize(): void {
    this.#effects.push({ type: "send", message: { type: "resize", terminal: this.#terminal, ...this.#size } });
  }

  #enter(phase: TerminalPhase): void {
    if (phase.name === this.#phase.name && phase.name !== "failed") return;
    this.#phase = phase;
    this.#effects.push({ type: "phase", phase });
  }
}
