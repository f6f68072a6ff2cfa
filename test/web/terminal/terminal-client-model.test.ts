// Shows by seeded random runs against a model edge that what was written is drawn once and what was typed arrives once, in order.

import { describe, expect, it } from "vitest";
import { TerminalClient } from "../../../web/terminal/terminal-client.ts";
import type { TerminalEffect, TerminalEvent } from "../../../web/terminal/terminal-event.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";
import { byteAt, ModelEdge } from "./model-edge.ts";

const CLIENT = "6e1d3c52-0c3f-4e0f-9a55-8a3c7d1f2b10";
const STEPS = 1_500;
const RUNS = 15;

/** The page around the client: an emulator that draws late, timers that the run fires. */
class Page {
  readonly client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
  readonly #edge: ModelEdge;
  readonly #random: SeededRandom;
  readonly typed: number[] = [];
  readonly unsent: number[] = [];
  drawn: number[] = [];
  missing = 0;
  replayed = 0;
  acked = 0;
  isUp = false;
  #undrawn: Extract<TerminalEffect, { type: "draw" }>[] = [];
  #wantsRetry = false;

  constructor(edge: ModelEdge, random: SeededRandom) {
    this.#edge = edge;
    this.#random = random;
  }

  apply(event: TerminalEvent): void {
    for (const effect of this.client.apply(event)) this.#carryOut(effect);
  }

  type(): void {
    const bytes = Uint8Array.from({ length: this.#random.between(1, 40) }, () => this.#random.between(32, 126));
    this.typed.push(...bytes);
    this.apply({ type: "typed", bytes });
  }

  drawOne(): void {
    const effect = this.#undrawn.shift();
    if (effect !== undefined) this.apply({ type: "drawn", instance: effect.instance, offset: effect.end });
  }

  fireTimer(): void {
    if (!this.#wantsRetry) return;
    this.#wantsRetry = false;
    this.apply({ type: "retry_input" });
  }

  connect(isUp: boolean): void {
    this.isUp = isUp;
    if (!isUp) this.#edge.cut();
    this.apply({ type: isUp ? "reachable" : "unreachable" });
  }

  #carryOut(effect: TerminalEffect): void {
    switch (effect.type) {
      case "send":
        if (effect.message.type === "ack" || effect.message.type === "open") {
          this.acked = Math.max(this.acked, effect.message.offset ?? 0);
        }
        if (this.isUp) this.#edge.take(effect);
        break;
      case "send_input":
        if (this.isUp) this.#edge.take(effect);
        break;
      case "draw":
        this.drawn.push(...effect.payload);
        if (effect.isReplay) this.replayed += effect.payload.length;
        this.#undrawn.push(effect);
        break;
      case "show_missing":
        this.missing += effect.bytes;
        break;
      case "retry_input_after":
        this.#wantsRetry = true;
        break;
      case "clear":
        this.drawn = [];
        this.missing = 0;
        this.acked = 0;
        break;
      case "show_unsent":
        this.unsent.push(...effect.bytes);
        break;
      case "bell":
      case "show_new_shell":
      case "phase":
      case "draw_at":
      case "sized_elsewhere":
        break;
    }
  }
}

function settle(page: Page, edge: ModelEdge): void {
  edge.refuse(false);
  page.connect(true);
  for (let step = 0; step < 20_000; step += 1) {
    edge.receiveOne();
    const event = edge.deliverOne();
    if (event !== null) page.apply(event);
    page.drawOne();
    page.fireTimer();
    if (edge.isQuiet && event === null && step > 100) return;
  }
}

function stepOnce(page: Page, edge: ModelEdge, random: SeededRandom): void {
  const event = random.chance(0.5) ? edge.deliverOne() : null;
  if (event !== null) page.apply(event);
  if (random.chance(0.5)) edge.receiveOne();
  if (random.chance(0.2)) edge.write(random.between(1, random.chance(0.1) ? 90_000 : 400));
  if (random.chance(0.2)) page.type();
  if (random.chance(0.4)) page.drawOne();
  if (random.chance(0.3)) page.fireTimer();
  if (random.chance(0.05)) edge.repeat();
  if (random.chance(0.03)) edge.refuse(random.chance(0.5));
  if (random.chance(0.02)) page.connect(!page.isUp);
  if (random.chance(0.01) && page.isUp) page.apply({ type: "reachable" });
  if (random.chance(0.02)) page.apply({ type: "fitted", cols: random.between(20, 200), rows: 24 });
}

describe("a terminal over a way that is cut, slow and repeats itself", () => {
  it.each(seedsFor(RUNS))("draws and sends every byte once, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const edge = new ModelEdge(random);
    const page = new Page(edge, random);
    for (let step = 0; step < STEPS; step += 1) stepOnce(page, edge, random);
    settle(page, edge);
    expect(page.drawn.length).toBe(edge.written);
    expect(page.drawn.findIndex((byte, offset) => byte !== byteAt(offset))).toBe(-1);
    expect(page.missing).toBe(0);
    expect(edge.taken).toEqual(page.typed);
    expect(page.unsent).toEqual([]);
    expect(edge.written - page.acked).toBeLessThan(64 * 1024);
  });

  it.each(seedsFor(RUNS))("never sends into a newer shell what was typed into an older one, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const edge = new ModelEdge(random);
    const page = new Page(edge, random);
    settle(page, edge);
    for (let step = 0; step < STEPS / 3; step += 1) stepOnce(page, edge, random);
    if (!page.isUp) page.connect(true);
    const typedBefore = page.typed.length;
    edge.replace("t_second");
    const takenBefore = edge.taken.length;
    page.apply({ type: "unreachable" });
    page.type();
    settle(page, edge);
    edge.write(500);
    settle(page, edge);
    expect(edge.taken.length).toBe(takenBefore);
    expect(page.unsent).toEqual(page.typed.slice(page.typed.length - page.unsent.length));
    expect(page.unsent.length).toBeGreaterThanOrEqual(page.typed.length - typedBefore);
    expect(page.drawn.map((_, offset) => byteAt(offset))).toEqual(page.drawn);
    expect(page.drawn.length).toBe(edge.written);
  });

  it.each(seedsFor(RUNS))("accounts for output that nobody kept, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const edge = new ModelEdge(random);
    const page = new Page(edge, random);
    for (let round = 0; round < 20; round += 1) {
      for (let step = 0; step < 40; step += 1) stepOnce(page, edge, random);
      if (page.isUp) page.connect(false);
      edge.write(random.between(1, 5_000));
      edge.forget(edge.written - random.between(0, 3_000));
    }
    settle(page, edge);
    expect(page.drawn.length + page.missing).toBe(edge.written);
    expect(edge.taken).toEqual(page.typed);
  });
});
