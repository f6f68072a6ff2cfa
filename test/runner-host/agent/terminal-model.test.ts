// Runs terminals against viewers that lag, are cut and come back at random: what each assembles must be what was written.

import { expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { findForeignByte } from "../../support/byte-pattern.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";
import { Model } from "./terminal-model.ts";

test.for(seedsFor(8))(
  "one viewer that is cut at random assembles all output and types all input once, in order, seed %i",
  (seed) => {
    const model = new Model(new SeededRandom(seed), 1);
    const [viewer] = model.viewers;
    if (viewer === undefined) throw new Error("no viewer");
    model.attach(viewer);
    for (let i = 0; i < 3_000; i++) model.step();
    model.settle();
    expect({ shown: viewer.shown, lost: viewer.lostBytes }).toEqual({ shown: model.printed, lost: 0 });
    expect(model.printed).toBeGreaterThan(1_000_000);
    expect([model.overrunBytes, model.ownOverrunBytes]).toEqual([0, 0]);
    expect(viewer.received).toBe(viewer.typed);
    const typed = model.pty?.typed ?? Buffer.alloc(0);
    expect({ length: typed.length, foreign: findForeignByte(0, typed) }).toEqual({
      length: viewer.typed,
      foreign: -1,
    });
  },
);

/** Runs in which a viewer without credit was still sent what went to all. */
const SEEDS_OF_OVERRUN = [155, 218, 267];

test.for([...SEEDS_OF_OVERRUN, ...seedsFor(6)])(
  "three viewers of different speed see one and the same output, each within its window, seed %i",
  (seed) => {
    const model = new Model(new SeededRandom(seed), 3);
    for (const viewer of model.viewers) model.attach(viewer);
    for (let i = 0; i < 5_000; i++) model.step();
    model.settle();
    for (const viewer of model.viewers) {
      expect([viewer.shown, viewer.received]).toEqual([model.printed, viewer.typed]);
    }
    // A frame for all may be the first that one of them has no credit for.
    expect(model.overrunBytes).toBeLessThanOrEqual(limits.terminalFrameBytes);
    expect(model.ownOverrunBytes).toBe(0);
    expect(model.pty?.typed.length).toBe(model.viewers.reduce((sum, viewer) => sum + viewer.typed, 0));
    model.end();
    model.settle();
    expect(model.viewers.map((viewer) => viewer.knowsExit)).toEqual([true, true, true]);
  },
);

/** A run in which the live flow was stuck at a viewer that never drew, and who joined it was not sent the rest. */
const SEED_OF_STUCK_FLOW = 2_125_258_992;

test.for([SEED_OF_STUCK_FLOW, ...seedsFor(8)])(
  "viewers that claim anything, endings, closings and long absences leave each with what is kept, seed %i",
  (seed) => {
    const random = new SeededRandom(seed);
    const model = new Model(random, random.between(1, 6), random.between(0, limits.terminalsPerSession - 1));
    for (const viewer of model.viewers) model.attach(viewer);
    for (let i = 0; i < 4_000; i++) model.wideStep();
    model.settle();
    for (const viewer of model.viewers) {
      expect([viewer.shown, viewer.received]).toEqual([model.printed, viewer.typed]);
    }
    expect(model.overrunBytes).toBeLessThanOrEqual(limits.terminalFrameBytes);
    expect(model.ownOverrunBytes).toBe(0);
    model.end();
    model.settle();
    expect(model.viewers.every((viewer) => viewer.knowsExit)).toBe(true);
  },
);
