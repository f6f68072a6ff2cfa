// A tab behind the relay that keeps to the protocol: it checks that output reaches it whole, and acknowledges what it draws at its pace.

import { limits } from "#wire/limits.ts";
import { decodeBrowserFrame } from "#wire/terminal-frame.ts";
import type { EdgeMessage } from "#wire/terminal.ts";
import { relayBrowserMessage } from "../../worker/session/relay-to-host.ts";
import { findForeignByte } from "../support/byte-pattern.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { type RecordedBrowser, type RecordedData, recordBrowser } from "../worker/support/recorded-line.ts";

export type Pace = "fast" | "slow" | "hidden";

export class HonestTab {
  readonly pace: Pace;
  readonly line: RecordedBrowser;
  readonly faults: string[] = [];
  /** Where the next byte belongs, and up to where it is drawn; null while it shows nothing. */
  shown: number | null = null;
  drawn = 0;
  #instance: string | null = null;
  readonly #random: SeededRandom;

  constructor(connection: number, pace: Pace, random: SeededRandom) {
    this.pace = pace;
    this.#random = random;
    this.line = recordBrowser(connection, (sent) => this.#hear(sent));
  }

  open(data: RecordedData, instance: string): void {
    const isSame = this.#instance === instance;
    this.#say(data, {
      type: "open",
      terminal: 0,
      cols: 80,
      rows: 24,
      claimsSize: true,
      client: "6f1c1c1e-0000-4000-8000-000000000001",
      instance: isSame ? this.#instance : null,
      offset: isSame ? this.shown : null,
    });
  }

  draw(data: RecordedData): void {
    if (this.shown === null || this.pace === "hidden") return;
    const random = this.#random;
    const isLie = random.chance(0.05);
    this.drawn =
      this.pace === "fast" ? this.shown : random.between(this.drawn, Math.min(this.shown, this.drawn + 20_000));
    this.#say(data, { type: "ack", terminal: 0, offset: isLie ? limits.offsetMax : this.drawn });
  }

  drawAll(data: RecordedData): void {
    if (this.shown === null || this.drawn === this.shown) return;
    this.drawn = this.shown;
    this.#say(data, { type: "ack", terminal: 0, offset: this.drawn });
  }

  #say(data: RecordedData, message: Parameters<typeof relayBrowserMessage>[1]): void {
    // What is on the way to the host is read at once here: marks have tests of their own.
    this.line.attachment.share = [];
    const refused = relayBrowserMessage(this.line, message, data, true);
    if (refused !== null) this.faults.push(`refused: ${refused}`);
  }

  #hear(sent: EdgeMessage | Uint8Array): void {
    if (sent instanceof Uint8Array) this.#show(sent);
    else if (sent.type === "opened") {
      this.#instance = sent.instance;
      this.shown = sent.offset;
      this.drawn = sent.offset;
    } else if (sent.type === "truncated") this.shown = sent.offset;
  }

  #show(bytes: Uint8Array): void {
    const frame = decodeBrowserFrame(bytes, limits.terminalFrameBytes);
    if (frame === null) this.faults.push("half a frame");
    else if (frame.offset !== this.shown) this.faults.push(`${frame.offset} came where ${this.shown} belongs`);
    else {
      if (findForeignByte(frame.offset, frame.payload) >= 0) this.faults.push(`another's bytes at ${frame.offset}`);
      this.shown = frame.offset + frame.payload.length;
    }
  }
}
