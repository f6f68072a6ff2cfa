// Who stands behind for the processor, and for how long.

import { expect, test } from "vitest";
import {
  firstBudget,
  frontShare,
  nextBudget,
  type ProcessorBudget,
} from "../../../runner-host/engine/processor-budget.ts";

const LOOK_MS = 250;

/** Uses `share` of a processor for `forMs`; tells how long it stood behind meanwhile. */
function run(budget: ProcessorBudget, share: number, forMs: number, front = 0.15): [ProcessorBudget, number] {
  let behindMs = 0;
  for (let passedMs = 0; passedMs < forMs; passedMs += LOOK_MS) {
    budget = nextBudget(budget, budget.usedMs + share * LOOK_MS, LOOK_MS, front);
    if (budget.isBehind) behindMs += LOOK_MS;
  }
  return [budget, behindMs];
}

test("one that burns stands behind after a second and stays there while it does", () => {
  const [early] = run(firstBudget(0), 1, 1_000);
  expect(early.isBehind).toBe(false);
  const [, behindMs] = run(early, 1, 60_000);
  expect(behindMs).toBeGreaterThan(59_000);
});

test("one that types all day never stands behind", () => {
  for (const containers of [1, 20, 130]) {
    const [, behindMs] = run(firstBudget(0), 0.015, 3_600_000, frontShare(2, containers));
    expect(behindMs).toBe(0);
  }
});

test("one that has rested for a few seconds is in front again, and a short command does not take it away", () => {
  const [burnt] = run(firstBudget(0), 1, 10_000);
  const [rested, behindMs] = run(burnt, 0, 10_000);
  expect(rested.isBehind).toBe(false);
  expect(behindMs).toBeLessThanOrEqual(5_250);
  expect(run(rested, 1, 500)[1]).toBe(0);
});

test("one that burns and rests in turns has no more of the front than its share and what it saved", () => {
  let budget = firstBudget(0);
  let frontMs = 0;
  for (let turn = 0; turn < 600; turn++) {
    const isBurning = turn % 8 < 3;
    const wasBehind = budget.isBehind;
    budget = nextBudget(budget, budget.usedMs + (isBurning ? LOOK_MS : 0), LOOK_MS, 0.15);
    if (isBurning && !wasBehind) frontMs += LOOK_MS;
  }
  expect(frontMs).toBeLessThan(0.15 * 600 * LOOK_MS + 1_500);
  expect(frontMs).toBeGreaterThan(0);
});

test("a container that was started again begins anew", () => {
  const [burnt] = run(firstBudget(0), 1, 10_000);
  expect(nextBudget(burnt, 3, LOOK_MS, 0.15)).toEqual(firstBudget(3));
});

test("half of the machine is dealt out in equal parts, within bounds", () => {
  expect(frontShare(2, 1)).toBe(0.15);
  expect(frontShare(2, 10)).toBeCloseTo(0.1);
  expect(frontShare(2, 1_000)).toBe(0.02);
  expect(frontShare(64, 0)).toBe(0.15);
});
