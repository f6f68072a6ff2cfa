// When the daemon is told whether a foreground job runs.

import { beforeEach, expect, it } from "vitest";
import { ForegroundJobs, LOOK_AFTER_INPUT_MS } from "../../../runner-host/agent/foreground-jobs.ts";
import { FakeClock } from "../../support/fake-clock.ts";

let clock: FakeClock;
let isBusy: boolean;
let looks: number;
let told: boolean[];
let jobs: ForegroundJobs;

beforeEach(() => {
  clock = new FakeClock();
  isBusy = false;
  looks = 0;
  told = [];
  jobs = new ForegroundJobs({
    clock,
    isBusy: () => {
      looks += 1;
      return isBusy;
    },
    tell: (now) => told.push(now),
  });
});

it("each new connection is told how things stand, and after that what has changed", () => {
  jobs.greet();
  jobs.look();
  isBusy = true;
  jobs.look();
  jobs.look();
  jobs.greet();
  isBusy = false;
  jobs.look();
  expect(told).toEqual([false, true, true, false]);
});

it("typing costs one look for all keys of a while, and nothing looks while nobody types", () => {
  jobs.greet();
  for (let key = 0; key < 20; key++) jobs.noteInput();
  isBusy = true;
  clock.advance(LOOK_AFTER_INPUT_MS);
  expect([looks, told]).toEqual([2, [false, true]]);
  clock.advance(3_600_000);
  expect(looks).toBe(2);
  isBusy = false;
  jobs.noteInput();
  clock.advance(LOOK_AFTER_INPUT_MS);
  expect(told).toEqual([false, true, false]);
});
