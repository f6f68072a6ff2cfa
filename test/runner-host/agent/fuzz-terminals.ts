// Tells an agent's terminals whatever a daemon may say, lets their programs print, and notes each answer that is not valid.

import { type AgentMessage, agentMessageSchema, type DaemonMessage, daemonMessageSchema } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { decodeRunnerFrame, encodeRunnerFrame, type RunnerFrame } from "#wire/terminal-frame.ts";
import { Terminals } from "../../../runner-host/agent/terminals.ts";
import { patternBytes } from "../../support/byte-pattern.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { frameKinds, frameMakers } from "../../support/schema-fuzz-frames.ts";
import type { Vocabulary } from "../../support/schema-fuzz-tree.ts";
import { MessageFuzz } from "../../support/schema-fuzz.ts";
import { ScriptedPty } from "../../support/scripted-pty.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const STEPS = 2_000;
const CONNECTIONS = [1, 2, 3];
const CLIENT = "6f1c1c1e-0000-4000-8000-000000000001";
/** Of the messages between two waits for credit. */
const TERMINAL_TYPES = ["open", "open", "ack", "ack", "resize", "close", "probe", "detach", "detach_all", "warn"];

class Run {
  readonly faults: string[] = [];
  readonly said = new Map<string, number>();
  readonly #random: SeededRandom;
  readonly #fuzz: MessageFuzz<DaemonMessage>;
  readonly #clock = new FakeClock();
  readonly #terminals: Terminals;
  #ptys: ScriptedPty[] = [];
  #instances: string[] = [];
  #ends: number[] = [0];
  readonly #printed = new Map<ScriptedPty, number>();
  #isSending = true;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#fuzz = new MessageFuzz(daemonMessageSchema, random);
    this.#terminals = new Terminals({
      clock: this.#clock,
      link: {
        send: (message) => this.#hear(message),
        sendOutput: (frame) => this.#hearOutput(frame),
        canSend: () => this.#isSending,
      },
      openPty: (_options, events) => {
        const pty = new ScriptedPty(events);
        pty.room = random.pick([0, 100, Number.POSITIVE_INFINITY]);
        this.#ptys.push(pty);
        return pty;
      },
      shell: { file: "sh", args: [], environment: {}, directory: "/" },
    });
  }

  step(): void {
    const random = this.#random;
    const act = random.between(0, 99);
    if (act < 45) this.#speak();
    else if (act < 65) this.#type();
    else if (act < 85) this.#print();
    else if (act < 95) this.#clock.advance(random.pick([1, 4, 20, limits.unattendedHoldMs]));
    else if (act < 97) this.#end();
    else {
      this.#isSending = !this.#isSending;
      if (this.#isSending) this.#terminals.resumeSending();
    }
    if (this.#terminals.summaries.length > limits.terminalsPerSession) this.faults.push("there are too many terminals");
  }

  #speak(): void {
    const message = this.#fuzz.message(this.#random.pick(TERMINAL_TYPES), this.#known);
    if (message.type === "ping" || message.type === "lay") throw new Error("cannot happen");
    this.#terminals.apply(message);
  }

  #type(): void {
    const words = {
      terminals: [0, 1],
      offsets: [0, 1, 1_000, ...this.#ends],
      connections: [0, ...CONNECTIONS],
      payloadMaxBytes: limits.inputFrameBytes,
    };
    const bytes = frameMakers[this.#random.pick(frameKinds)](words, this.#random);
    const frame = decodeRunnerFrame(bytes, limits.inputFrameBytes);
    if (frame !== null) this.#terminals.takeInput(frame);
  }

  /** As a PTY does: not while it is paused. */
  #print(): void {
    const running = this.#ptys.filter((pty) => !pty.isPaused && !pty.isHungUp);
    if (running.length === 0) return;
    const pty = this.#random.pick(running);
    const from = this.#printed.get(pty) ?? 0;
    const bytes = patternBytes(from, this.#random.pick([1, 100, 64 * 1024]));
    this.#printed.set(pty, from + bytes.length);
    pty.print(bytes);
  }

  #end(): void {
    const [pty] = this.#ptys;
    if (pty === undefined || pty.isHungUp) return;
    pty.end(this.#random.between(0, 255));
    this.#ptys = this.#ptys.slice(1);
  }

  get #known(): Vocabulary {
    return {
      connection: CONNECTIONS,
      terminal: [0, 1],
      instance: [...this.#instances, null],
      offset: this.#ends,
      client: [CLIENT],
    };
  }

  #hear(message: AgentMessage): void {
    const text = JSON.stringify(message);
    this.said.set(message.type, (this.said.get(message.type) ?? 0) + 1);
    if (!agentMessageSchema.safeParse(JSON.parse(text)).success) this.faults.push(`says ${text}`);
    if (message.type === "opened") this.#instances = [message.instance, ...this.#instances].slice(0, 3);
  }

  #hearOutput(frame: RunnerFrame): void {
    this.said.set("output", (this.said.get("output") ?? 0) + 1);
    const end = frame.offset + frame.payload.length;
    this.#ends = [end, ...this.#ends].slice(0, 4);
    if (decodeRunnerFrame(encodeRunnerFrame(frame), limits.terminalFrameBytes) === null)
      this.faults.push(`sends ${frame.payload.length} bytes at ${frame.offset}`);
  }
}

/** One run; throws what the terminals throw. */
export function fuzzTerminals(seed: number): { faults: readonly string[]; said: ReadonlyMap<string, number> } {
  const run = new Run(new SeededRandom(seed));
  for (let step = 0; step < STEPS; step++) run.step();
  return run;
}
