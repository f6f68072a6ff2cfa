// Feeds one terminal's client whatever an edge may say and a learner may do, and notes each effect that no edge would understand.

import { limits } from "#wire/limits.ts";
import { decodeBrowserFrame, encodeBrowserFrame } from "#wire/terminal-frame.ts";
import { browserMessageSchema, type EdgeMessage, edgeMessageSchema } from "#wire/terminal.ts";
import { TerminalClient } from "../../../web/terminal/terminal-client.ts";
import type { TerminalEffect, TerminalEvent } from "../../../web/terminal/terminal-event.ts";
import { frameKinds, frameMakers } from "../../support/schema-fuzz-frames.ts";
import type { Vocabulary } from "../../support/schema-fuzz-tree.ts";
import { MessageFuzz } from "../../support/schema-fuzz.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const STEPS = 2_000;
const CLIENT = "6e1d3c52-0c3f-4e0f-9a55-8a3c7d1f2b10";
const INSTANCES = [`t_${"a".repeat(26)}`, `t_${"b".repeat(26)}`];
/** One event opens, closes, clears and sends again all that is kept, in frames. */
const EFFECTS_MOST = 8 + limits.unsentInputBytes / limits.inputFrameBytes;

class Run {
  readonly faults: string[] = [];
  readonly effects = new Map<string, number>();
  readonly #random: SeededRandom;
  readonly #fuzz: MessageFuzz<EdgeMessage>;
  readonly #client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
  #end = 0;
  #drawn: { instance: string; offset: number }[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#fuzz = new MessageFuzz(edgeMessageSchema, random);
  }

  step(): void {
    const effects = this.#client.apply(this.#event());
    if (effects.length > EFFECTS_MOST) this.faults.push(`${effects.length} effects of one event`);
    for (const effect of effects) this.#judge(effect);
  }

  #event(): TerminalEvent {
    const random = this.#random;
    const act = random.between(0, 99);
    if (act < 35) return this.#said();
    if (act < 60) return this.#output();
    if (act < 68) return { type: "typed", bytes: new Uint8Array(random.pick([1, 1, 100, 20_000])).fill(13) };
    if (act < 76) return { type: "drawn", ...(this.#drawn.shift() ?? { instance: "t_none", offset: 1 }) };
    return random.pick<TerminalEvent>([
      { type: "reachable" },
      { type: "reachable" },
      { type: "unreachable" },
      { type: "listed", instance: random.pick([...INSTANCES, null]) },
      { type: "answered", bytes: new Uint8Array(3), isReplay: random.chance(0.5) },
      { type: "used", isHere: random.chance(0.5) },
      { type: "shown", isShown: random.chance(0.5) },
      { type: "touched" },
      { type: "fitted", cols: random.between(1, limits.terminalColsMax), rows: random.between(1, 50) },
      { type: "restart" },
      { type: "end" },
      { type: "retry_input" },
    ]);
  }

  #said(): TerminalEvent {
    const type = this.#random.pick(["opened", "opened", "truncated", "received", "exited", "resized", "error"]);
    const message = this.#fuzz.message(type, this.#known);
    switch (message.type) {
      case "opened":
      case "received":
      case "truncated":
      case "exited":
      case "resized":
      case "error":
        return { type: "message", message };
      default:
        throw new Error("cannot happen");
    }
  }

  get #known(): Vocabulary {
    const offsets = [0, this.#end, this.#end + 1, limits.offsetMax];
    return {
      terminal: [0],
      instance: INSTANCES,
      offset: offsets,
      end: offsets,
      received: [0, 1, 20_000, limits.offsetMax],
    };
  }

  /** As the session's socket hands it on: what is no frame never comes here. */
  #output(): TerminalEvent {
    const words = {
      terminals: [0],
      offsets: [this.#end],
      connections: null,
      payloadMaxBytes: limits.terminalFrameBytes,
    };
    for (;;) {
      const bytes = frameMakers[this.#random.pick(frameKinds)](words, this.#random);
      const frame = decodeBrowserFrame(bytes, limits.terminalFrameBytes);
      if (frame !== null) return { type: "output", offset: frame.offset, payload: frame.payload };
    }
  }

  #judge(effect: TerminalEffect): void {
    this.effects.set(effect.type, (this.effects.get(effect.type) ?? 0) + 1);
    switch (effect.type) {
      case "send":
        if (!browserMessageSchema.safeParse(JSON.parse(JSON.stringify(effect.message))).success)
          this.faults.push(`sends ${JSON.stringify(effect.message)}`);
        break;
      case "send_input":
        if (decodeBrowserFrame(encodeBrowserFrame({ terminal: 0, ...effect }), limits.inputFrameBytes) === null)
          this.faults.push(`types ${effect.payload.length} bytes at ${effect.offset}`);
        break;
      case "draw":
        this.#end = effect.end;
        if (effect.payload.length === 0) this.faults.push("draws nothing");
        if (this.#drawn.length < 50) this.#drawn.push({ instance: effect.instance, offset: effect.end });
        break;
      case "show_missing":
        if (!(effect.bytes > 0 && effect.bytes <= limits.offsetMax)) this.faults.push(`misses ${effect.bytes} bytes`);
        break;
      case "show_unsent":
        if (effect.bytes.length > limits.unsentInputBytes) this.faults.push(`kept ${effect.bytes.length} bytes`);
        break;
      case "retry_input_after":
        if (!(effect.delayMs > 0)) this.faults.push(`tries again after ${effect.delayMs} ms`);
        break;
      default:
    }
  }
}

/** One run; throws what the client throws. */
export function fuzzClient(seed: number): { faults: readonly string[]; effects: ReadonlyMap<string, number> } {
  const run = new Run(new SeededRandom(seed));
  for (let step = 0; step < STEPS; step++) run.step();
  return run;
}
