// Who may be paused: quiet, without a foreground job, and next to idle.

import { describe, expect, it } from "vitest";
import { PauseRule, type PauseTimes } from "../../../runner-host/sessions/pause-rule.ts";

const times: PauseTimes = { quietMs: 60_000, cpuWindowMs: 10_000, cpuShare: 0.01 };

/** Looked at every two seconds from `fromMs` to `untilMs`, with this share of a processor used. */
function look(rule: PauseRule, fromMs: number, untilMs: number, share = 0): void {
  for (let atMs = fromMs; atMs <= untilMs; atMs += 2_000) rule.noteCpu(atMs * share, atMs);
}

describe("the rule of pausing", () => {
  it("waits for a minute without use, counted from the last", () => {
    const rule = new PauseRule(times, 0);
    rule.noteUse(30_000);
    look(rule, 0, 88_000);
    expect(rule.mayPause(89_999)).toBe(false);
    expect(rule.mayPause(90_000)).toBe(true);
    rule.noteUse(90_001);
    expect(rule.mayPause(100_000)).toBe(false);
  });

  it("pauses no foreground job, and counts the quiet time from its end", () => {
    const rule = new PauseRule(times, 0);
    rule.noteJobs(true, 1_000);
    look(rule, 0, 200_000);
    expect([rule.isBusy, rule.mayPause(200_000)]).toEqual([true, false]);
    rule.noteJobs(false, 200_000);
    look(rule, 202_000, 260_000);
    expect(rule.mayPause(259_999)).toBe(false);
    expect(rule.mayPause(260_000)).toBe(true);
  });

  it.each([
    [0.009, true],
    [0.011, false],
  ])("with %f of a processor used says %s", (share, mayPause) => {
    const rule = new PauseRule(times, 0);
    look(rule, 0, 62_000, share);
    expect(rule.mayPause(62_000)).toBe(mayPause);
  });

  it("looks at the last window alone", () => {
    const rule = new PauseRule(times, 0);
    look(rule, 0, 60_000, 0.5);
    for (let atMs = 62_000; atMs <= 70_000; atMs += 2_000) rule.noteCpu(30_000, atMs);
    expect(rule.mayPause(70_000)).toBe(true);
  });

  it("knows nothing of the processor before a whole window was seen, nor after a pause or a new container", () => {
    const rule = new PauseRule(times, 0);
    look(rule, 60_000, 68_000);
    expect(rule.mayPause(69_000)).toBe(false);
    rule.noteCpu(0, 70_000);
    expect(rule.mayPause(70_000)).toBe(true);
    rule.forgetCpu();
    expect(rule.mayPause(70_000)).toBe(false);
    look(rule, 72_000, 82_000, 0.001);
    expect(rule.mayPause(82_000)).toBe(true);
    rule.noteCpu(1, 84_000);
    expect(rule.mayPause(84_000)).toBe(false);
  });

  it("never pauses where that is switched off", () => {
    const rule = new PauseRule({ ...times, quietMs: 0, cpuWindowMs: 0 }, 0);
    look(rule, 0, 3_600_000);
    expect(rule.mayPause(3_600_000)).toBe(false);
  });
});
