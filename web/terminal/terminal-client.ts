// The browser's half of one terminal: attaches it, draws what it says, sends what is typed. It knows no socket and no emulator.

import { DrawnOutput } from "./drawn-output.ts";
import { InputFlow } from "./input-flow.ts";
import { SizeClaim } from "./size-claim.ts";
import type { TerminalEffect, TerminalEvent, TerminalMessage, TerminalPhase, TerminalSize } from "./terminal-event.ts";

const CARRIAGE_RETURN = 13;

export class TerminalClient {
  readonly #terminal: number;
  readonly #client: string;
  readonly #input = new InputFlow();
  readonly #output = new DrawnOutput();
  readonly #size: SizeClaim;
  #effects: TerminalEffect[] = [];
  #phase: TerminalPhase = { name: "waiting" };
  #isReachable = false;
  #isUsedHere = true;
  #isShown = true;
  /** An exited instance to end before the next `open`: the learner asked for a new shell. */
  #ending: string | null = null;

  constructor(terminal: number, client: string, room: TerminalSize) {
    this.#terminal = terminal;
    this.#client = client;
    this.#size = new SizeClaim(terminal, room);
  }

  get phase(): TerminalPhase {
    return this.#phase;
  }

  /** It was asked for: it is on its way, or says why it is not. */
  get isOpening(): boolean {
    return this.#phase.name === "failed" || (this.#phase.name === "waiting" && this.#isReachable);
  }

  /** What is shown, once it is known to be that. */
  get instance(): string | null {
    return this.#phase.name === "attached" || this.#phase.name === "exited" ? this.#output.instance : null;
  }

  isNews(offset: number): boolean {
    return this.instance !== null && this.#output.isNews(offset);
  }

  /** Applies what happened; the effects are to be carried out in order. */
  apply(event: TerminalEvent): TerminalEffect[] {
    this.#effects = [];
    this.#take(event);
    const isElsewhere = this.#size.noteElsewhere(this.#isAttached);
    if (isElsewhere !== null) this.#effects.push({ type: "sized_elsewhere", isElsewhere });
    return this.#effects;
  }

  get #isAttached(): boolean {
    return this.#phase.name === "attached";
  }

  #take(event: TerminalEvent): void {
    switch (event.type) {
      case "reachable":
        this.#isReachable = true;
        if (this.#phase.name !== "exited" || this.#ending !== null) this.#open();
        break;
      case "unreachable":
        this.#isReachable = false;
        if (this.#isAttached) this.#enter({ name: "waiting" });
        break;
      case "listed":
        if (this.instance !== null && event.instance !== this.instance && this.#isReachable) this.#open();
        break;
      case "message":
        this.#receive(event.message);
        break;
      case "output":
        if (this.instance !== null) this.#draw(event.offset, event.payload);
        break;
      case "drawn":
        if (event.instance === this.#output.instance) this.#ack(event.offset);
        break;
      case "typed":
        this.#use();
        this.#type(event.bytes);
        break;
      case "answered":
        if (!event.isReplay && this.#isUsedHere && this.#phase.name !== "exited") this.#keep(event.bytes);
        break;
      case "used":
        if (event.isHere && !this.#isUsedHere) this.#use();
        this.#isUsedHere = event.isHere;
        break;
      case "shown":
        this.#isShown = event.isShown;
        break;
      case "touched":
        this.#use();
        break;
      case "fitted":
        this.#effects.push(...this.#size.fit({ cols: event.cols, rows: event.rows }, this.#isAttached));
        break;
      case "restart":
        this.#restart();
        break;
      case "end":
        this.#sendClose(this.instance);
        break;
      case "retry_input":
        this.#effects.push(...this.#input.retry());
        break;
    }
  }

  #receive(message: TerminalMessage): void {
    switch (message.type) {
      case "opened":
        this.#attach(message);
        break;
      case "truncated":
        if (this.#isAttached) this.#tellMissing(this.#output.skipTo(message.offset));
        break;
      case "received":
        this.#effects.push(...this.#input.taken(message.offset));
        break;
      case "resized":
        if (this.#isAttached) this.#effects.push(...this.#size.resized(message));
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
    this.#sendClose(this.#ending);
    this.#ending = null;
    this.#enter({ name: "waiting" });
    this.#effects.push({
      type: "send",
      message: {
        type: "open",
        terminal: this.#terminal,
        ...this.#size.room,
        claimsSize: this.#size.open(this.#isShown && this.#isUsedHere),
        client: this.#client,
        instance: this.#output.instance,
        offset: this.#output.offset,
      },
    });
  }

  #attach(opened: Extract<TerminalMessage, { type: "opened" }>): void {
    if (!this.#isReachable) return;
    if (opened.instance !== this.#output.instance) {
      if (this.#output.instance !== null) {
        this.#forgetInstance();
        this.#effects.push({ type: "show_new_shell" });
      }
      this.#output.restart(opened.instance);
    }
    this.#tellMissing(this.#output.attach(opened.offset, opened.end));
    this.#enter({ name: "attached" });
    this.#effects.push(...this.#size.opened(opened));
    this.#effects.push(...this.#input.attach(opened.received));
  }

  #forgetInstance(): void {
    this.#effects.push({ type: "clear" });
    const bytes = this.#input.restart();
    if (bytes.length > 0) this.#effects.push({ type: "show_unsent", bytes });
  }

  #tellMissing(bytes: number): void {
    if (bytes > 0) this.#effects.push({ type: "show_missing", bytes });
  }

  /** Also after the exit: a slow viewer hears of it before the last output. */
  #draw(offset: number, payload: Uint8Array): void {
    if (this.#output.meetsGap(offset)) {
      this.#open();
      return;
    }
    this.#tellMissing(this.#output.skipTo(offset));
    for (const part of this.#output.take(offset, payload)) this.#effects.push({ type: "draw", ...part });
  }

  #ack(offset: number): void {
    if (this.#phase.name === "waiting" || !this.#output.ack(offset)) return;
    this.#effects.push({ type: "send", message: { type: "ack", terminal: this.#terminal, offset } });
  }

  #type(bytes: Uint8Array): void {
    if (this.#phase.name === "exited" || this.#phase.name === "failed") {
      if (bytes.length === 1 && bytes[0] === CARRIAGE_RETURN) this.#restart();
    } else if (!this.#keep(bytes)) {
      this.#effects.push({ type: "bell" });
    }
  }

  #keep(bytes: Uint8Array): boolean {
    const effects = this.#input.keep(bytes);
    this.#effects.push(...(effects ?? []));
    return effects !== null;
  }

  #restart(): void {
    if (this.#phase.name !== "exited" && this.#phase.name !== "failed") return;
    if (this.#phase.name === "exited") {
      this.#ending = this.#output.instance;
      this.#forgetInstance();
      this.#output.restart(null);
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
    } else if (this.#isAttached) {
      this.#open();
    }
  }

  #use(): void {
    if (this.#isShown) this.#effects.push(...this.#size.use(this.#isAttached));
  }

  #sendClose(instance: string | null): void {
    if (instance === null) return;
    this.#effects.push({ type: "send", message: { type: "close", terminal: this.#terminal, instance } });
  }

  #enter(phase: TerminalPhase): void {
    if (phase.name === this.#phase.name && phase.name !== "failed") return;
    this.#phase = phase;
    if (phase.name !== "attached") this.#input.detach();
    this.#effects.push({ type: "phase", phase });
  }
}
