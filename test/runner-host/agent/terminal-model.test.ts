// Runs terminals against viewers that lag, are cut and come back at random: what each assembles must be what was written.

import { expect, test } from "vitest";
import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";
import { Terminals } from "../../../runner-host/agent/terminals.ts";
import { findForeignByte, patternBytes } from "../../support/byte-pattern.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedPty } from "../../support/scripted-pty.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

type Sent = { kind: "message"; message: AgentMessage } | { kind: "output"; frame: RunnerFrame };

/** Types the pattern's bytes from `inputBase` on, so that the program can tell a lost or repeated byte. */
class ModelViewer {
  readonly client = crypto.randomUUID();
  connection: number;
  instance: string | null = null;
  shown = 0;
  acked = 0;
  /** What the relay knows of this viewer. */
  position: number | null = null;
  credited = 0;
  isLive = false;
  isAttached = false;
  isOpened = false;
  typed = 0;
  received = 0;
  repeatedReceived = 0;
  inbox: Sent[] = [];
  lostBytes = 0;
  knowsExit = false;

  constructor(connection: number) {
    this.connection = connection;
  }
}

class Model {
  readonly random: SeededRandom;
  readonly clock = new FakeClock();
  readonly viewers: ModelViewer[] = [];
  readonly terminals: Terminals;
  pty: ScriptedPty | null = null;
  printed = 0;
  #nextConnection = 1;
  #canSend = true;
  /** How far a viewer was ever sent beyond its window. */
  overrunBytes = 0;

  constructor(random: SeededRandom, viewers: number) {
    this.random = random;
    for (let i = 0; i < viewers; i++) this.viewers.push(new ModelViewer(this.#nextConnection++));
    this.terminals = new Terminals({
      clock: this.clock,
      link: {
        send: (message) => this.#relay({ kind: "message", message }),
        sendOutput: (frame) =>
          this.#relay({ kind: "output", frame: { ...frame, payload: Uint8Array.from(frame.payload) } }),
        canSend: () => this.#canSend,
      },
      openPty: (_options, events) => {
        this.pty = new ScriptedPty(events);
        return this.pty;
      },
      shell: { file: "model", args: [], environment: {}, directory: "/" },
    });
  }

  /** As the session's object routes: to one, or to all that are live or continue seamlessly. */
  #relay(sent: Sent): void {
    for (const viewer of this.viewers) {
      if (!viewer.isAttached) continue;
      if (sent.kind === "message") {
        if ("connection" in sent.message && sent.message.connection !== viewer.connection) continue;
        if (sent.message.type === "opened" || sent.message.type === "truncated") {
          viewer.position = sent.message.offset;
          viewer.isLive = false;
          viewer.credited = Math.max(sent.message.type === "opened" ? 0 : viewer.credited, sent.message.offset);
        }
      } else {
        const { connection, offset, payload } = sent.frame;
        if (connection !== ALL_LIVE_VIEWERS && connection !== viewer.connection) continue;
        if (connection !== ALL_LIVE_VIEWERS) {
          viewer.position = offset + payload.length;
          viewer.isLive = false;
        } else if (!viewer.isLive) {
          if (viewer.position === null || offset > viewer.position) continue;
          viewer.isLive = true;
        }
        this.overrunBytes = Math.max(
          this.overrunBytes,
          offset + payload.length - viewer.credited - limits.creditWindowBytes,
        );
      }
      viewer.inbox.push(sent);
    }
  }

  attach(viewer: ModelViewer): void {
    viewer.connection = this.#nextConnection++;
    viewer.isAttached = true;
    viewer.isOpened = false;
    viewer.position = null;
    viewer.isLive = false;
    viewer.inbox = [];
    const { client, connection, instance } = viewer;
    const offset = instance === null ? null : viewer.shown;
    this.terminals.apply({ type: "open", connection, terminal: 0, cols: 80, rows: 24, client, instance, offset });
  }

  /** A cut: whatever was under way to the viewer is gone. */
  cut(viewer: ModelViewer): void {
    viewer.isAttached = false;
    viewer.inbox = [];
    this.terminals.apply({ type: "detach", connection: viewer.connection });
  }

  receive(viewer: ModelViewer): void {
    const sent = viewer.inbox.shift();
    if (sent === undefined) return;
    if (sent.kind === "output") this.#show(viewer, sent.frame);
    else this.#hear(viewer, sent.message);
  }

  #hear(viewer: ModelViewer, message: AgentMessage): void {
    if (message.type === "opened") {
      viewer.isOpened = true;
      if (viewer.instance !== message.instance) viewer.shown = message.offset;
      viewer.instance = message.instance;
      viewer.acked = message.offset;
      this.#noteReceived(viewer, message.received);
      this.#type(viewer, viewer.received, viewer.typed);
    } else if (message.type === "truncated") {
      viewer.lostBytes += Math.max(0, message.offset - viewer.shown);
      viewer.shown = Math.max(viewer.shown, message.offset);
    } else if (message.type === "received") {
      const isRepeat = message.offset === viewer.received;
      this.#noteReceived(viewer, message.offset);
      if (isRepeat && viewer.received < viewer.typed) this.#type(viewer, viewer.received, viewer.typed);
    } else if (message.type === "exited") {
      viewer.knowsExit = true;
    }
  }

  #noteReceived(viewer: ModelViewer, offset: number): void {
    expect(offset).toBeGreaterThanOrEqual(viewer.received);
    expect(offset).toBeLessThanOrEqual(viewer.typed);
    viewer.received = offset;
  }

  #show(viewer: ModelViewer, { offset, payload }: RunnerFrame): void {
    if (offset > viewer.shown) return;
    const fresh = payload.subarray(viewer.shown - offset);
    expect(findForeignByte(viewer.shown, fresh)).toBe(-1);
    viewer.shown += fresh.length;
    if (viewer.shown - viewer.acked >= limits.ackEveryBytes) this.ack(viewer);
  }

  ack(viewer: ModelViewer): void {
    viewer.acked = viewer.shown;
    viewer.credited = viewer.shown;
    this.terminals.apply({ type: "ack", connection: viewer.connection, terminal: 0, offset: viewer.shown });
  }

  type(viewer: ModelViewer, bytes: number): void {
    const from = viewer.typed;
    viewer.typed += bytes;
    if (viewer.isAttached && viewer.isOpened) this.#type(viewer, from, viewer.typed);
  }

  #type(viewer: ModelViewer, from: number, to: number): void {
    for (let offset = from; offset < to; offset += limits.inputFrameBytes) {
      const payload = patternBytes(offset, Math.min(limits.inputFrameBytes, to - offset));
      this.terminals.takeInput({ connection: viewer.connection, terminal: 0, offset, payload });
    }
  }

  print(bytes: number): void {
    if (this.pty === null || this.pty.isPaused) return;
    this.pty.print(patternBytes(this.printed, bytes));
    this.printed += bytes;
  }

  congest(isCongested: boolean): void {
    this.#canSend = !isCongested;
    if (!isCongested) this.terminals.resumeSending();
  }

  step(): void {
    const { random } = this;
    const viewer = random.pick(this.viewers);
    const dice = random.next();
    if (dice < 0.3)
      for (let i = random.between(1, 8); i > 0; i--) this.print(random.between(1, random.chance(0.3) ? 65_536 : 4_095));
    else if (dice < 0.6) for (let i = random.between(1, 40); i > 0; i--) this.receive(viewer);
    else if (dice < 0.75) this.clock.advance(random.between(0, 20));
    else if (dice < 0.85 && viewer.isAttached) this.type(viewer, random.between(1, 3_000));
    else if (dice < 0.88) this.congest(random.chance(0.5));
    else if (dice < 0.93 && this.pty !== null) this.pty.room = random.chance(0.5) ? 0 : random.between(1, 20_000);
    else if (dice < 0.96 && viewer.isAttached) this.cut(viewer);
    else if (dice < 0.965) {
      this.terminals.apply({ type: "detach_all" });
      for (const each of this.viewers) each.isAttached = false;
    } else if (!viewer.isAttached) this.attach(viewer);
  }

  settle(): void {
    this.congest(false);
    if (this.pty !== null) this.pty.room = Number.POSITIVE_INFINITY;
    for (const viewer of this.viewers) if (!viewer.isAttached) this.attach(viewer);
    for (let round = 0; round < 400; round++) {
      this.clock.advance(20);
      for (const viewer of this.viewers) while (viewer.inbox.length > 0) this.receive(viewer);
    }
  }
}

const base = new SeededRandom();

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  "one viewer that is cut at random assembles all output and types all input once, in order (run %i)",
  (run) => {
    const model = new Model(new SeededRandom(base.seed + run), 1);
    const [viewer] = model.viewers;
    if (viewer === undefined) throw new Error("no viewer");
    model.attach(viewer);
    for (let i = 0; i < 3_000; i++) model.step();
    model.settle();
    expect({ seed: model.random.seed, shown: viewer.shown, lost: viewer.lostBytes }).toEqual({
      seed: model.random.seed,
      shown: model.printed,
      lost: 0,
    });
    expect(model.printed).toBeGreaterThan(1_000_000);
    expect(model.overrunBytes).toBe(0);
    expect(viewer.received).toBe(viewer.typed);
    const typed = model.pty?.typed ?? Buffer.alloc(0);
    expect({ seed: model.random.seed, length: typed.length, foreign: findForeignByte(0, typed) }).toEqual({
      seed: model.random.seed,
      length: viewer.typed,
      foreign: -1,
    });
  },
);

test.for([1, 2, 3, 4, 5, 6])("three viewers of different speed see one and the same output (run %i)", (run) => {
  const model = new Model(new SeededRandom(base.seed + 100 + run), 3);
  for (const viewer of model.viewers) model.attach(viewer);
  for (let i = 0; i < 5_000; i++) model.step();
  model.settle();
  const { seed } = model.random;
  for (const viewer of model.viewers) {
    expect({ seed, shown: viewer.shown }).toEqual({ seed, shown: model.printed });
    expect({ seed, received: viewer.received }).toEqual({ seed, received: viewer.typed });
  }
  // A frame for all may be the first that one of them has no credit for.
  expect(model.overrunBytes).toBeLessThanOrEqual(limits.terminalFrameBytes);
  expect(model.pty?.typed.length).toBe(model.viewers.reduce((sum, viewer) => sum + viewer.typed, 0));
  model.pty?.end(7);
  model.settle();
  expect(model.viewers.map((viewer) => viewer.knowsExit)).toEqual([true, true, true]);
});
