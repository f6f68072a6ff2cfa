// A model of everything behind the browser socket: one terminal whose output, input, cuts and refusals a test decides.

import { limits } from "#wire/limits.ts";
import type { BrowserMessage } from "#wire/terminal.ts";
import type { TerminalEvent } from "../../../web/terminal/terminal-event.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";

type Sent = { type: "send"; message: BrowserMessage } | { type: "send_input"; offset: number; payload: Uint8Array };

/** What is written is a byte of its offset: a repeat, a loss or a swap shows. */
export const byteAt = (offset: number): number => (offset * 31 + (offset >> 8)) & 0xff;

export class ModelEdge {
  readonly #random: SeededRandom;
  /** Input that the shell took, over all instances. */
  readonly taken: number[] = [];
  /** In order to the browser; a cut drops them. */
  #towards: TerminalEvent[] = [];
  /** In order from the browser; a cut drops them. */
  #from: Sent[] = [];
  #instance = "t_first";
  #written = 0;
  #kept = 0;
  #received = 0;
  #viewerAt: number | null = null;
  #isRefusing = false;
  opens = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get instance(): string {
    return this.#instance;
  }

  get written(): number {
    return this.#written;
  }

  get isQuiet(): boolean {
    return this.#towards.length === 0 && this.#from.length === 0;
  }

  take(sent: Sent): void {
    this.#from.push(sent);
  }

  /** The program writes. */
  write(bytes: number): void {
    this.#written += bytes;
    if (this.#viewerAt !== null) this.#sendOutput();
  }

  /** The oldest output before `offset` is overwritten. */
  forget(offset: number): void {
    this.#kept = Math.max(this.#kept, Math.min(offset, this.#written));
  }

  /** A PTY that does not read; told once when it refuses and once when it may go on. */
  refuse(isRefusing: boolean): void {
    if (this.#isRefusing && !isRefusing && this.#viewerAt !== null) this.#tellReceived();
    this.#isRefusing = isRefusing;
  }

  /** What was on the wire is lost, both ways, and nobody is attached. */
  cut(): void {
    this.#towards = [];
    this.#from = [];
    this.#viewerAt = null;
  }

  /** A new container: another instance, whose output and input start at 0. */
  replace(instance: string): void {
    this.cut();
    this.#instance = instance;
    this.#written = 0;
    this.#kept = 0;
    this.#received = 0;
  }

  /** A frame that the browser has had before comes again. */
  repeat(): void {
    if (this.#viewerAt === null || this.#viewerAt === 0) return;
    const end = this.#random.between(1, this.#viewerAt);
    const offset = Math.max(this.#kept, end - this.#random.between(1, 50));
    if (offset < end) this.#towards.push(this.#frame(offset, end));
  }

  /** One message of the browser arrives. */
  receiveOne(): void {
    const sent = this.#from.shift();
    if (sent === undefined) return;
    if (sent.type === "send_input") this.#takeInput(sent.offset, sent.payload);
    else if (sent.message.type === "open") this.#open(sent.message);
  }

  /** What the browser sees next; control may overtake output and the other way round, each in its own order. */
  deliverOne(): TerminalEvent | null {
    const first = this.#towards[0];
    if (first === undefined) return null;
    const isReceived = (event: TerminalEvent) => event.type === "message" && event.message.type === "received";
    const later = this.#towards.findIndex((event) => isReceived(event) !== isReceived(first));
    const isMovable =
      later > 0 && this.#towards.slice(0, later).every((event) => event.type === "output" || isReceived(event));
    return this.#towards.splice(isMovable && this.#random.chance(0.3) ? later : 0, 1)[0] ?? null;
  }

  #open(open: Extract<BrowserMessage, { type: "open" }>): void {
    this.opens += 1;
    const shown = open.instance === this.#instance ? (open.offset ?? 0) : 0;
    const offset = Math.max(shown, this.#kept);
    this.#viewerAt = offset;
    this.#towards.push({
      type: "message",
      message: {
        type: "opened",
        terminal: 0,
        instance: this.#instance,
        epoch: 1,
        offset,
        end: this.#written,
        received: this.#received,
        cols: open.cols,
        rows: open.rows,
      },
    });
    this.#sendOutput();
  }

  #sendOutput(): void {
    while (this.#viewerAt !== null && this.#viewerAt < this.#written) {
      const end = Math.min(this.#written, this.#viewerAt + this.#random.between(1, limits.terminalFrameBytes));
      this.#towards.push(this.#frame(this.#viewerAt, end));
      this.#viewerAt = end;
    }
  }

  #frame(offset: number, end: number): TerminalEvent {
    return {
      type: "output",
      offset,
      payload: Uint8Array.from({ length: end - offset }, (_, index) => byteAt(offset + index)),
    };
  }

  #takeInput(offset: number, payload: Uint8Array): void {
    if (this.#viewerAt === null) return;
    const fresh = payload.subarray(Math.max(0, this.#received - offset));
    if (offset <= this.#received && !this.#isRefusing) {
      this.taken.push(...fresh);
      this.#received += fresh.length;
    }
    this.#tellReceived();
  }

  #tellReceived(): void {
    this.#towards.push({ type: "message", message: { type: "received", terminal: 0, offset: this.#received } });
  }
}
