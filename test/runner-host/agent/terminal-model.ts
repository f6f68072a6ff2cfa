// A model of one terminal's viewers behind the relay, which lag, are cut and come back as a seed decides, and of the program.

import { expect } from "vitest";
import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";
import { Terminals } from "../../../runner-host/agent/terminals.ts";
import { findForeignByte, patternBytes } from "../../support/byte-pattern.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedPty } from "../../support/scripted-pty.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";

type Sent = { kind: "message"; message: AgentMessage } | { kind: "output"; frame: RunnerFrame };

type Claim = "shown" | "nothing" | "earlier" | "beyond";

/** Types the pattern's bytes, each client from its own 0 on, so that the program can tell a lost or repeated byte. */
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
  isBehind = false;
  isAttached = false;
  isOpened = false;
  typed = 0;
  received = 0;
  inbox: Sent[] = [];
  lostBytes = 0;
  knowsExit = false;
  /** Says less or more than it shows when it opens; what it is given then counts from where it is opened. */
  claim: Claim = "shown";
  /** How far it was ever sent since it was opened. */
  sentMost = 0;

  constructor(connection: number) {
    this.connection = connection;
  }
}

export class Model {
  readonly random: SeededRandom;
  readonly clock = new FakeClock();
  readonly viewers: ModelViewer[] = [];
  readonly terminals: Terminals;
  pty: ScriptedPty | null = null;
  printed = 0;
  #nextConnection = 1;
  #canSend = true;
  /** How far a frame for all, and a viewer's own frame, ever went beyond the viewer's window. */
  overrunBytes = 0;
  ownOverrunBytes = 0;
  readonly number: number;
  isEnded = false;

  constructor(random: SeededRandom, viewers: number, number = 0) {
    this.random = random;
    this.number = number;
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
          // What is lost on the way does not count against the window, what is under way does.
          const { offset, type } = sent.message;
          viewer.credited = type === "opened" ? offset : viewer.credited + offset - (viewer.position ?? offset);
          viewer.position = offset;
          viewer.sentMost = offset;
          viewer.isLive = false;
          viewer.isBehind = false;
        } else if (sent.message.type === "behind") {
          expect([viewer.isLive, viewer.position]).toEqual([true, sent.message.offset]);
          viewer.isLive = false;
          viewer.isBehind = true;
        }
      } else {
        const { connection, offset, payload } = sent.frame;
        if (connection !== ALL_LIVE_VIEWERS && connection !== viewer.connection) continue;
        if (connection !== ALL_LIVE_VIEWERS) {
          expect(offset).toBe(viewer.position);
          viewer.isLive = false;
          viewer.isBehind = false;
        } else if (viewer.isBehind || (!viewer.isLive && (viewer.position === null || offset > viewer.position))) {
          continue;
        } else {
          expect(offset).toBe(viewer.position);
          viewer.isLive = true;
        }
        viewer.position = offset + payload.length;
        this.#noteOverrun(viewer, offset + payload.length, connection);
      }
      viewer.inbox.push(sent);
    }
  }

  #noteOverrun(viewer: ModelViewer, end: number, connection: number): void {
    const windowEnd = viewer.credited + limits.creditWindowBytes;
    if (end > viewer.sentMost && end > windowEnd) {
      if (connection === ALL_LIVE_VIEWERS) this.overrunBytes = Math.max(this.overrunBytes, end - windowEnd);
      else this.ownOverrunBytes = Math.max(this.ownOverrunBytes, end - windowEnd);
    }
    viewer.sentMost = Math.max(viewer.sentMost, end);
  }

  attach(viewer: ModelViewer, claim: Claim = "shown"): void {
    viewer.claim = claim;
    viewer.connection = this.#nextConnection++;
    viewer.isAttached = true;
    viewer.isOpened = false;
    viewer.position = null;
    viewer.isLive = false;
    viewer.inbox = [];
    const { client, connection } = viewer;
    const instance = claim === "nothing" ? null : viewer.instance;
    const offset = instance === null ? null : this.#claimed(viewer);
    const { number: terminal } = this;
    this.terminals.apply({
      type: "open",
      connection,
      terminal,
      cols: 80,
      rows: 24,
      claimsSize: true,
      client,
      instance,
      offset,
    });
  }

  #claimed({ claim, shown }: ModelViewer): number {
    if (claim === "earlier") return this.random.between(0, shown);
    return claim === "beyond" ? this.printed + this.random.between(0, 100_000) : shown;
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
      if (viewer.instance !== null && viewer.instance !== message.instance) {
        viewer.typed = 0;
        viewer.received = 0;
      }
      if (viewer.instance !== message.instance || viewer.claim !== "shown") viewer.shown = message.offset;
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
    this.terminals.apply({ type: "ack", connection: viewer.connection, terminal: this.number, offset: viewer.shown });
  }

  type(viewer: ModelViewer, bytes: number): void {
    const from = viewer.typed;
    viewer.typed += bytes;
    if (viewer.isAttached && viewer.isOpened) this.#type(viewer, from, viewer.typed);
  }

  #type(viewer: ModelViewer, from: number, to: number): void {
    for (let offset = from; offset < to; offset += limits.inputFrameBytes) {
      const payload = patternBytes(offset, Math.min(limits.inputFrameBytes, to - offset));
      this.terminals.takeInput({ connection: viewer.connection, terminal: this.number, offset, payload });
    }
  }

  print(bytes: number): void {
    if (this.pty === null || this.pty.isPaused || this.isEnded) return;
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

  /** A step in which, now and then, the program ends, the terminal is closed, viewers claim what is not so, or a minute passes. */
  wideStep(): void {
    const { random } = this;
    const dice = random.next();
    const viewer = random.pick(this.viewers);
    if (dice < 0.01) {
      if (viewer.isAttached && random.chance(0.5)) this.cut(viewer);
      this.attach(viewer, random.pick(["nothing", "earlier", "beyond"]));
    } else if (dice < 0.011) this.end();
    else if (dice < 0.013) this.close(viewer);
    else if (dice < 0.015) {
      for (const each of this.viewers) if (each.isAttached) this.cut(each);
      for (let i = 0; i < 40; i++) this.print(65_536);
      if (random.chance(0.5)) this.clock.advance(limits.unattendedHoldMs);
      for (let i = 0; i < 4; i++) this.print(65_536);
    } else this.step();
  }

  end(): void {
    if (this.pty === null || this.isEnded || this.pty.isPaused) return;
    this.isEnded = true;
    this.pty.end(7);
  }

  /** Everybody has to open anew, and is told of another instance; a viewer that knows an older instance only closes nothing. */
  close({ connection, instance }: ModelViewer): void {
    if (this.pty === null || instance === null) return;
    this.terminals.apply({ type: "close", connection, terminal: this.number, instance });
    if (!this.pty.isHungUp) return;
    this.pty = null;
    this.printed = 0;
    this.isEnded = false;
    for (const each of this.viewers) {
      each.isAttached = false;
      each.knowsExit = false;
      each.inbox = [];
    }
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
