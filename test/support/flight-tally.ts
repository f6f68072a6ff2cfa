// Counts on a session's data leg how much output is under way: sent by the host, and not acknowledged by any viewer yet.

import { limits } from "#wire/limits.ts";
import { hostDataMessageSchema, sessionDataMessageSchema } from "#wire/runner.ts";
import { decodeRunnerFrame } from "#wire/terminal-frame.ts";
import { PING, PONG } from "#wire/terminal.ts";
import type { Tap } from "./cut-proxy.ts";
import { WebSocketTap } from "./websocket-tap.ts";

const DATA_LEG = /^GET \/ws\/runner\/data/;

/** Acknowledgements are seen here before the host has them, so what is counted is never less than what the host counts. */
export class FlightTally {
  /** The most that was under way at once in any one terminal, and the most output frames carried together. */
  mostBytes = 0;
  outputBytes = 0;
  readonly #acked = new Map<number, number>();

  /** For each connection through a proxy; those that are no data leg are let pass. */
  tap(): Tap {
    const host = new WebSocketTap({
      onText: (text) => this.#takeFromHost(text),
      onBinary: (frame) => this.#takeOutput(frame),
    });
    const edge = new WebSocketTap({ onText: (text) => this.#takeFromEdge(text), onBinary: () => undefined });
    let isDataLeg: boolean | null = null;
    return {
      fromClient: (chunk) => {
        isDataLeg ??= DATA_LEG.test(chunk.toString("latin1", 0, 40));
        if (isDataLeg) host.take(chunk);
      },
      fromServer: (chunk) => {
        if (isDataLeg === true) edge.take(chunk);
      },
    };
  }

  #takeOutput(frame: Buffer): void {
    const output = decodeRunnerFrame(frame, limits.terminalFrameBytes);
    if (output === null) throw new Error("the host sent a frame that is none");
    const { terminal, offset, payload } = output;
    this.outputBytes += payload.length;
    this.mostBytes = Math.max(this.mostBytes, offset + payload.length - (this.#acked.get(terminal) ?? 0));
  }

  /** A viewer that opens has drawn all before the offset at which it is to go on. */
  #takeFromHost(text: string): void {
    if (text === PING) return;
    const parsed = hostDataMessageSchema.safeParse(JSON.parse(text));
    if (parsed.success && parsed.data.type === "opened") this.#note(parsed.data.terminal, parsed.data.offset);
  }

  #takeFromEdge(text: string): void {
    if (text === PONG) return;
    const parsed = sessionDataMessageSchema.safeParse(JSON.parse(text));
    if (parsed.success && parsed.data.type === "ack") this.#note(parsed.data.terminal, parsed.data.offset);
  }

  #note(terminal: number, offset: number): void {
    this.#acked.set(terminal, Math.max(this.#acked.get(terminal) ?? 0, offset));
  }
}
