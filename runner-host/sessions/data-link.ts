// Owns one session's data socket: dials with its ticket, parses what the session says, and reports when the session is over.

import type { Logger } from "pino";
import { limits } from "#wire/limits.ts";
import { type HostDataMessage, type SessionDataMessage, sessionDataMessageSchema } from "#wire/runner.ts";
import { decodeRunnerFrame, type RunnerFrame } from "#wire/terminal-frame.ts";
import { EdgeSocket } from "../uplink/edge-socket.ts";
import { parseJson } from "../uplink/parse-json.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What eight browsers may say at the utmost; a session that is busy says a hundredth of it. */
const FRAMES_PER_SECOND = 8 * limits.browserFramesPerSecond;
const FRAMES_BURST = 8 * limits.browserFramesBurst;
/** Output waiting in this process: beyond the first the agent is not read, below the second it is again. */
const UNSENT_HIGH_BYTES = 1024 * 1024;
const UNSENT_LOW_BYTES = 256 * 1024;

/** What the session says to this host or its agent; marks are answered here. */
export type SessionRequest = Exclude<SessionDataMessage, { type: "mark" }>;

export interface DataLinkEvents {
  onOpen(): void;
  onLost(): void;
  onMessage(message: SessionRequest): void;
  /** A whole, well-formed input frame. */
  onInput(input: RunnerFrame, runnerFrame: Buffer): void;
  /** There is room again after `isCongested` was true. */
  onRoom(): void;
  /** The edge says that this host no longer carries the session. */
  onOver(): void;
}

export class DataLink {
  readonly #socket: EdgeSocket;
  readonly #events: DataLinkEvents;
  readonly #log: Logger;
  #frames = new TokenBucket(FRAMES_BURST, FRAMES_PER_SECOND, performance.now());
  #isCongested = false;

  constructor(options: { edgeUrl: string; credential: string; ticket: string; log: Logger }, events: DataLinkEvents) {
    this.#events = events;
    this.#log = options.log;
    const url = new URL("/ws/runner/data", options.edgeUrl);
    const headers = { authorization: `Bearer ${options.credential}`, "berth-ticket": options.ticket };
    this.#socket = new EdgeSocket(
      { url: url.href.replace(/^http/, "ws"), headers, log: options.log },
      {
        onOpen: () => {
          this.#frames = new TokenBucket(FRAMES_BURST, FRAMES_PER_SECOND, performance.now());
          events.onOpen();
        },
        onText: (text) => {
          if (this.#isWithinRate()) this.#receive(text);
        },
        onBinary: (bytes) => {
          if (!this.#isWithinRate()) return;
          const input = decodeRunnerFrame(bytes, limits.inputFrameBytes);
          if (input === null) this.#refuse("an input frame is malformed");
          else events.onInput(input, bytes);
        },
        onClose: ({ name, then, wasOpen }) => {
          this.#isCongested = false;
          if (wasOpen) events.onLost();
          if (name === "epoch_over" || name === "ticket_refused") {
            events.onOver();
            return "stop";
          }
          return then === "retry" || then === "reopen" ? "redial" : "redial_slowly";
        },
        onSent: () => {
          if (!this.#isCongested || this.#socket.unsentBytes > UNSENT_LOW_BYTES) return;
          this.#isCongested = false;
          events.onRoom();
        },
      },
    );
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  get isCongested(): boolean {
    return this.#isCongested;
  }

  dial(): void {
    this.#socket.dial();
  }

  send(message: HostDataMessage): void {
    this.#socket.sendText(JSON.stringify(message));
    this.#measure();
  }

  sendOutput(runnerFrame: Buffer): void {
    this.#socket.sendBinary(runnerFrame);
    this.#measure();
  }

  close(isGoingAway: boolean): void {
    this.#socket.close(isGoingAway);
  }

  #measure(): void {
    if (this.#socket.unsentBytes > UNSENT_HIGH_BYTES) this.#isCongested = true;
  }

  #receive(text: string): void {
    const parsed = sessionDataMessageSchema.safeParse(parseJson(text));
    if (!parsed.success) this.#refuse(parsed.error.issues[0]?.message ?? "a message is malformed");
    else if (parsed.data.type === "mark") this.send({ type: "read", mark: parsed.data.mark });
    else this.#events.onMessage(parsed.data);
  }

  #isWithinRate(): boolean {
    if (this.#frames.take(performance.now())) return true;
    this.#log.error("the session says more than it may");
    this.#socket.refuse("rate_exceeded");
    return false;
  }

  #refuse(reason: string): void {
    this.#log.error({ reason }, "the session sent a message that is not understood");
    this.#socket.refuse("bad_message");
  }
}
