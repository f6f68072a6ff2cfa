// Owns one accepted connection of an agent: splits, bounds and parses what it says. The agent belongs to the learner and may say anything.

import type { Socket } from "node:net";
import { AGENT_FRAME_JSON, AGENT_FRAME_PREFIX_BYTES, AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import { type AgentMessage, agentMessageSchema, type DaemonMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { decodeRunnerFrame, RUNNER_FRAME_HEADER_BYTES, type RunnerFrame } from "#wire/terminal-frame.ts";
import { encodeJsonFrame, encodeTerminalFrame, FrameSplitter } from "../agent/agent-frame.ts";
import { parseJson } from "../uplink/parse-json.ts";
import { TokenBucket } from "./token-bucket.ts";

/** No frame of an agent needs more than the largest output frame. */
const FRAME_BYTES_MAX = AGENT_FRAME_PREFIX_BYTES + RUNNER_FRAME_HEADER_BYTES + limits.terminalFrameBytes;
/** Far above what eight busy terminals send; what is over it waits in the container. Messages cost the daemon more than output does. */
const FRAMES_BURST = 5_000;
const FRAMES_PER_SECOND = 10_000;
const MESSAGES_BURST = 2_000;
const MESSAGES_PER_SECOND = 1_000;
const RATE_PAUSE_MS = 20;
/** So many frames are taken before the other sessions have their turn: all that a read brings when they carry output. */
export const FRAMES_PER_TURN = 64;
/** What waits in this process for an agent that does not read; what would come on top is dropped. */
const UNSENT_BYTES_MAX = 512 * 1024;

/** An agent that talks and never answers is cut: what it is asked would pile up. Minutes, since a slow edge keeps its answers waiting. */
export const PONGS_DUE_MAX = 60;

export interface AgentConnectionEvents {
  onMessage(message: AgentMessage): void;
  /** `runnerFrame` is the frame as it came: a view that is valid until the call returns. */
  onOutput(output: RunnerFrame, runnerFrame: Buffer): void;
  /** Something was sent that is no keep-alive: whoever stopped the agent must let it run. */
  onUse(): void;
  /** What was sent has left after `isCongested` was true. */
  onDrain(): void;
  /** `reason` is set when the daemon cut it. */
  onClose(reason: string | null): void;
}

export class AgentConnection {
  readonly #socket: Socket;
  readonly #events: AgentConnectionEvents;
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX);
  readonly #frames = new TokenBucket(FRAMES_BURST, FRAMES_PER_SECOND, performance.now());
  readonly #messages = new TokenBucket(MESSAGES_BURST, MESSAGES_PER_SECOND, performance.now());
  #keepAlive: NodeJS.Timeout | undefined;
  #ratePause: NodeJS.Timeout | null = null;
  #nextTurn: NodeJS.Immediate | null = null;
  #isHeld = false;
  #heardAtMs = performance.now();
  #pongsDue = 0;
  #reason: string | null = null;

  constructor(socket: Socket, events: AgentConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#keepAlive = this.#checkRegularly();
    socket.on("data", (bytes: Buffer) => {
      this.#heardAtMs = performance.now();
      this.#splitter.push(bytes);
      this.#read();
    });
    socket.on("drain", () => events.onDrain());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearInterval(this.#keepAlive);
      if (this.#ratePause !== null) clearTimeout(this.#ratePause);
      if (this.#nextTurn !== null) clearImmediate(this.#nextTurn);
      events.onClose(this.#reason);
    });
  }

  get isCongested(): boolean {
    return this.#socket.writableLength > UNSENT_BYTES_MAX;
  }

  /** Pings sent and not answered yet: what the agent says while any is out may be older than the last of them. */
  get pongsDue(): number {
    return this.#pongsDue;
  }

  send(message: DaemonMessage): void {
    this.#write(message);
    this.#events.onUse();
  }

  sendInput(runnerFrame: Uint8Array): void {
    this.#socket.write(encodeTerminalFrame(runnerFrame));
    this.#events.onUse();
  }

  /** As a keep-alive, which is no use of the agent. */
  ping(): void {
    this.#write({ type: "ping" });
  }

  /** The agent is stopped: it is asked nothing, and its silence says nothing. */
  rest(): void {
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }

  /** It runs again, and finds a sign of life of ours before it looks at its own clock. */
  wake(): void {
    this.#heardAtMs = performance.now();
    clearInterval(this.#keepAlive);
    this.#keepAlive = this.#checkRegularly();
    this.ping();
  }

  /** The last frame goes to so many more viewers: the edge sends it once for each. */
  charge(frames: number): void {
    this.#frames.charge(frames);
  }

  hold(): void {
    this.#isHeld = true;
    this.#socket.pause();
  }

  goOn(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#heardAtMs = performance.now();
    this.#read();
  }

  cut(reason: string): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #write(message: DaemonMessage): void {
    if (message.type === "ping") this.#pongsDue += 1;
    this.#socket.write(encodeJsonFrame(message));
  }

  #checkRegularly(): NodeJS.Timeout {
    return setInterval(() => this.#checkSilence(), limits.runnerPingEveryMs);
  }

  #read(): void {
    try {
      for (let taken = 0; this.#mayRead(); taken++) {
        const kind = this.#splitter.nextKind();
        if (kind === null) {
          this.#socket.resume();
          return;
        }
        if (taken === FRAMES_PER_TURN) this.#yieldTurn();
        else if (this.#isWithinRate(kind)) this.#receiveNext();
        else this.#pauseForRate();
      }
    } catch (error) {
      this.cut(error instanceof Error ? error.message : String(error));
    }
  }

  #mayRead(): boolean {
    return !this.#isHeld && this.#ratePause === null && this.#nextTurn === null && !this.#socket.destroyed;
  }

  #isWithinRate(kind: number): boolean {
    const nowMs = performance.now();
    return (kind === AGENT_FRAME_TERMINAL || this.#messages.take(nowMs)) && this.#frames.take(nowMs);
  }

  #yieldTurn(): void {
    this.#socket.pause();
    this.#nextTurn = setImmediate(() => {
      this.#nextTurn = null;
      this.#read();
    });
  }

  #pauseForRate(): void {
    this.#socket.pause();
    this.#ratePause = setTimeout(() => {
      this.#ratePause = null;
      this.#heardAtMs = performance.now();
      this.#read();
    }, RATE_PAUSE_MS);
  }

  /** Throws one sentence about what the agent did wrong. */
  #receiveNext(): void {
    const frame = this.#splitter.next();
    if (frame === null) return;
    switch (frame.kind) {
      case AGENT_FRAME_TERMINAL: {
        const output = decodeRunnerFrame(frame.payload, limits.terminalFrameBytes);
        if (output === null) throw new Error("An output frame is malformed.");
        this.#events.onOutput(output, frame.payload);
        break;
      }
      case AGENT_FRAME_JSON:
        this.#receiveMessage(frame.payload.toString("utf8"));
        break;
      default:
        throw new Error(`There is no frame kind ${frame.kind}.`);
    }
  }

  #receiveMessage(text: string): void {
    const parsed = agentMessageSchema.safeParse(parseJson(text));
    if (!parsed.success) throw new Error(`A message is malformed: ${parsed.error.issues[0]?.message ?? "unknown"}`);
    if (parsed.data.type === "pong") {
      if (this.#pongsDue === 0) throw new Error("A pong came without a ping.");
      this.#pongsDue -= 1;
    }
    this.#events.onMessage(parsed.data);
  }

  #checkSilence(): void {
    if (this.#pongsDue >= PONGS_DUE_MAX) return this.cut("No ping was answered for too long.");
    if (this.#isHeld || this.#ratePause !== null) return;
    if (performance.now() - this.#heardAtMs > limits.runnerSilenceMs) this.cut("Nothing was heard for too long.");
    else this.ping();
  }
}
