// Owns the agent's connection to its daemon: dials for ever, notices silence, frames and parses what passes.

import { connect, type Socket } from "node:net";
import { AGENT_FRAME_JSON, AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import type { AgentMessage, DaemonMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { decodeRunnerFrame, type RunnerFrame } from "#wire/terminal-frame.ts";
import { encodeJsonFrame, encodeOutputFrame, FrameSplitter } from "./agent-frame.ts";
import { readDaemonMessage } from "./daemon-message.ts";

/** The daemon is on this machine: a redial costs little, and a learner waits for it. */
const REDIAL_FIRST_MS = 10;
const REDIAL_MAX_MS = 1_000;
/** Output waiting in this process beyond this holds the terminals: it could no longer be overtaken by anything. */
const UNSENT_BYTES_MAX = 256 * 1024;

export interface DaemonLinkEvents {
  /** A new connection: the first message to send on it is `hello`. */
  onConnect(): void;
  onMessage(message: DaemonMessage): void;
  onInput(frame: RunnerFrame): void;
  /** What was sent has left; sending was refused before. */
  onDrain(): void;
}

export class DaemonLink {
  readonly #path: string;
  readonly #events: DaemonLinkEvents;
  #socket: Socket | null = null;
  #failures = 0;

  constructor(path: string, events: DaemonLinkEvents) {
    this.#path = path;
    this.#events = events;
  }

  send(message: AgentMessage): void {
    this.#socket?.write(encodeJsonFrame(message));
  }

  sendOutput(frame: RunnerFrame): void {
    this.#socket?.write(encodeOutputFrame(frame));
  }

  canSend(): boolean {
    return this.#socket !== null && this.#socket.writableLength < UNSENT_BYTES_MAX;
  }

  dial(): void {
    const socket = connect(this.#path);
    const splitter = new FrameSplitter();
    // Counts what is heard alone: a socket's own time-out starts anew with each write, too.
    let heard = 0;
    const silence = setTimeout(() => {
      // A container that was frozen finds its time up before it reads what came meanwhile: that is read first.
      const before = heard;
      setImmediate(() => {
        if (heard === before) socket.destroy();
      });
    }, limits.runnerSilenceMs);
    socket.on("connect", () => {
      this.#failures = 0;
      this.#socket = socket;
      this.#events.onConnect();
    });
    socket.on("data", (bytes: Buffer) => {
      heard += 1;
      silence.refresh();
      try {
        splitter.push(bytes);
        for (let frame = splitter.next(); frame !== null; frame = splitter.next())
          this.#receive(frame.kind, frame.payload);
      } catch (error) {
        process.stderr.write(
          `The connection to the daemon is dropped: ${error instanceof Error ? error.message : String(error)}\n`,
        );
        socket.destroy();
      }
    });
    socket.on("drain", () => this.#events.onDrain());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(silence);
      if (this.#socket === socket) this.#socket = null;
      const waitMs = Math.min(REDIAL_FIRST_MS * 2 ** this.#failures, REDIAL_MAX_MS);
      this.#failures = Math.min(this.#failures + 1, 10);
      setTimeout(() => this.dial(), waitMs * (0.5 + Math.random() / 2));
    });
  }

  #receive(kind: number, payload: Uint8Array): void {
    if (kind === AGENT_FRAME_TERMINAL) {
      const frame = decodeRunnerFrame(payload, limits.inputFrameBytes);
      if (frame === null) throw new Error("An input frame is malformed.");
      this.#events.onInput(frame);
    } else if (kind === AGENT_FRAME_JSON) {
      this.#events.onMessage(readDaemonMessage(JSON.parse(Buffer.from(payload).toString("utf8"))));
    } else {
      throw new Error(`There is no frame kind ${kind}.`);
    }
  }
}
