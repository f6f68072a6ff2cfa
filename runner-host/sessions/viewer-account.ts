// Owns what one viewer of a terminal was sent and has acknowledged, by the daemon's own count, and judges what the agent addresses to it; pure.

import { limits } from "#wire/limits.ts";

/** `forward` it, `drop` what nobody waits for, or the agent broke the protocol (`violation`). */
export type Judgement = "forward" | "drop" | "violation";

/**
 * `waiting`: its open is not answered. `replay`: it gets what is addressed to it, and from where that meets the live flow what is
 * for all. `live`: what is for all. `behind`: what is addressed to it, and nothing else before that.
 */
type Flow = "waiting" | "replay" | "live" | "behind";

/** Overwritten output that was met before an open was answered, and once more before its first frame. */
const SKIPS_PER_OPEN = 2;

/** One input frame is answered by being taken or refused, and once more when its client may go on. */
const RECEIPTS_PER_FRAME = 2;

export class ViewerAccount {
  #client: string;
  opensPending = 0;
  /** Kept until its opens are answered: each answer may begin another instance. Nothing is forwarded for it alone. */
  hasLeft = false;
  #flow: Flow = "waiting";
  #sent = 0;
  #acked = 0;
  /** Acknowledged, in so many acks, while an open was pending: the agent may come to them after that open. */
  #ackedMeanwhile = 0;
  #acksMeanwhile = 0;
  #skipsDue = 0;
  #receiptsDue = 0;
  /** How far clients that this connection had before have typed. */
  #formerTyped = 0;

  constructor(client: string) {
    this.#client = client;
  }

  get client(): string {
    return this.#client;
  }

  /** No open of it was answered yet in this instance. */
  get isWaiting(): boolean {
    return this.#flow === "waiting";
  }

  /** How far this viewer gives credit. */
  get creditEnd(): number {
    return this.#acked + limits.creditWindowBytes;
  }

  /** What the agent has told the former client may still come. */
  changeClient(client: string, formerTyped: number): void {
    this.#client = client;
    this.#formerTyped = Math.max(this.#formerTyped, formerTyped);
  }

  noteOpen(): void {
    if (this.opensPending === 0) this.#ackedMeanwhile = this.#acksMeanwhile = 0;
    this.opensPending += 1;
  }

  /** Answers what is passed on: what the viewer cannot have drawn yet is not acknowledged. */
  noteAck(offset: number): number {
    const acked = Math.min(offset, this.#sent);
    this.#acked = Math.max(this.#acked, acked);
    if (this.opensPending > 0) {
      this.#ackedMeanwhile = Math.max(this.#ackedMeanwhile, acked);
      this.#acksMeanwhile += 1;
    }
    return acked;
  }

  noteInput(): void {
    this.#receiptsDue += RECEIPTS_PER_FRAME;
  }

  /** Another instance runs: who has not asked for it watches nothing. */
  endInstance(): void {
    this.#flow = "waiting";
  }

  /** Its open is answered; the agent may have come to acknowledgements that were sent after that open. */
  takeOpened(offset: number, end: number): Judgement {
    if (this.opensPending === 0 || end < offset) return "violation";
    this.opensPending -= 1;
    this.#flow = "replay";
    this.#sent = offset;
    this.#acked = Math.max(
      offset,
      Math.min(this.#ackedMeanwhile, offset + this.#acksMeanwhile * limits.creditWindowBytes),
    );
    this.#skipsDue = SKIPS_PER_OPEN;
    // Its client may have been held on another connection, and go on here.
    this.#receiptsDue += 1;
    return "forward";
  }

  takeOpenFailed(): Judgement {
    if (this.opensPending === 0) return "violation";
    this.opensPending -= 1;
    return "forward";
  }

  /** It is moved over overwritten output, when most of what it was sent is drawn; what is under way still counts. */
  takeTruncated(offset: number): Judgement {
    const underWay = Math.max(0, this.#sent - this.#acked);
    if (this.#flow === "waiting" || this.#skipsDue === 0) return "violation";
    if (offset < this.#sent || underWay > limits.creditWindowBytes / 2) return "violation";
    this.#skipsDue -= 1;
    this.#flow = "replay";
    this.#sent = offset;
    this.#acked = Math.max(this.#acked, offset - underWay);
    return "forward";
  }

  /** `typed` is how far its client has typed. */
  takeReceived(offset: number, typed: number): Judgement {
    if (this.#flow === "waiting" || this.#receiptsDue === 0) return "violation";
    if (offset > Math.max(typed, this.#formerTyped)) return "violation";
    this.#receiptsDue -= 1;
    return "forward";
  }

  takeBehind(offset: number): Judgement {
    if (this.#flow !== "live" || offset !== this.#sent) return "violation";
    this.#flow = "behind";
    return "forward";
  }

  /** Output for this viewer alone follows what it had, inside its window. */
  takeAddressed(offset: number, end: number): Judgement {
    if (this.#flow === "waiting" || offset !== this.#sent) return "violation";
    if (end > this.creditEnd) return "violation";
    this.#flow = "replay";
    this.#sent = end;
    this.#skipsDue = 1;
    return "forward";
  }

  /** Output for all: `drop` when it is not for this viewer. It may overrun the window once; then `behind` must follow. */
  takeLive(offset: number, end: number): Judgement {
    if (this.#flow === "waiting" || this.#flow === "behind") return "drop";
    if (this.#flow === "replay" && offset > this.#sent) return "drop";
    if (offset !== this.#sent || offset > this.creditEnd) return "violation";
    this.#flow = "live";
    this.#sent = end;
    this.#skipsDue = 1;
    return "forward";
  }
}
