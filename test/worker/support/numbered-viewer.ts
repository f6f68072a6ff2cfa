// A browser that keeps to the protocol: it watches one terminal and notes whatever it should not have been sent.

import { limits } from "#wire/limits.ts";
import { type BrowserFrame, decodeBrowserFrame } from "#wire/terminal-frame.ts";
import { type EdgeMessage, edgeMessageSchema } from "#wire/terminal.ts";
import { findForeignByte } from "../../support/byte-pattern.ts";
import type { Learner } from "./learner.ts";
import { WirePeer } from "./wire-peer.ts";

const TERMINAL = 0;

export class NumberedViewer {
  readonly faults: string[] = [];
  /** The next byte that is to come. */
  offset = 0;
  #instance: string | null = null;
  readonly #client = crypto.randomUUID();
  #peer: WirePeer | null = null;

  static async watch(learner: Learner, session: string): Promise<NumberedViewer> {
    const viewer = new NumberedViewer();
    viewer.#peer = await WirePeer.dialBrowser(learner, session, {
      onText: (text) => viewer.#take(edgeMessageSchema.parse(JSON.parse(text))),
      onBytes: (bytes) => viewer.#takeOutput(decodeBrowserFrame(bytes, limits.terminalFrameBytes)),
    });
    viewer.#open();
    return viewer;
  }

  get closeName(): string | null {
    return this.#peer?.closeName ?? null;
  }

  async reach(offset: number): Promise<void> {
    await this.#peer?.until(() => this.offset >= offset || this.faults.length > 0, `byte ${offset} of ${this.offset}`);
  }

  #open(): void {
    const offset = this.#instance === null ? null : this.offset;
    const size = { cols: 80, rows: 24, claimsSize: false };
    const shown = { client: this.#client, instance: this.#instance, offset };
    this.#peer?.say({ type: "open", terminal: TERMINAL, ...size, ...shown });
  }

  #take(message: EdgeMessage): void {
    switch (message.type) {
      case "opened":
        if (this.#instance !== null && message.instance !== this.#instance) this.faults.push("another instance came");
        this.#instance = message.instance;
        if (message.offset !== this.offset) this.faults.push(`opened at ${message.offset}, not at ${this.offset}`);
        break;
      case "mark":
        this.#peer?.say({ type: "read", mark: message.mark });
        break;
      case "reattach":
        this.#open();
        break;
      case "truncated":
      case "exited":
      case "error":
        this.faults.push(JSON.stringify(message));
        break;
      default:
    }
  }

  #takeOutput(frame: BrowserFrame | null): void {
    if (frame === null) return void this.faults.push("a frame is malformed");
    const { terminal, offset, payload } = frame;
    if (terminal !== TERMINAL || offset !== this.offset)
      return void this.faults.push(`terminal ${terminal} went on at ${offset}, not at ${this.offset}`);
    const foreign = findForeignByte(offset, payload);
    if (foreign >= 0) this.faults.push(`the byte at ${foreign} is another's`);
    this.offset += payload.length;
    this.#peer?.say({ type: "ack", terminal, offset: this.offset });
  }
}
