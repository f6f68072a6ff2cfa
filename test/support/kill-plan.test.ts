// Which kills are drawn: the same again from the same seed, and every process in every moment.

import { expect, it } from "vitest";
import { KILL_MOMENTS, KILL_TARGETS, planKills } from "./kill-plan.ts";

const DEAL = KILL_TARGETS.length * KILL_MOMENTS.length;

it("a plan can be had again from its seed, and another seed gives another", () => {
  expect(planKills(7, 40)).toEqual(planKills(7, 40));
  expect(planKills(7, 40)).not.toEqual(planKills(8, 40));
});

it("every process is killed in every moment once before any is again", () => {
  const pairs = planKills(3, DEAL).map(({ target, moment }) => `${target} ${moment}`);
  expect(new Set(pairs).size).toBe(DEAL);
});
