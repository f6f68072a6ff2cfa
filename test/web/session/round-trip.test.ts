// Shows when the way to the container is measured, and what the page takes it to be.

import { describe, expect, it } from "vitest";
import { RoundTrip } from "../../../web/session/round-trip.ts";

describe("the round trip", () => {
  it("is asked for at an attach and is known with the answer", () => {
    const trip = new RoundTrip();
    expect([trip.attached(0), trip.estimateMs]).toEqual([1, null]);
    expect([trip.answered(1, 80), trip.estimateMs]).toEqual([true, 80]);
  });

  it("is asked for three times at an attach: a first answer that the busy page took late does not count alone", () => {
    const trip = new RoundTrip();
    trip.answered(trip.attached(0), 350);
    expect([trip.estimateMs, trip.again(350)]).toEqual([350, 2]);
    trip.answered(2, 356);
    expect([trip.estimateMs, trip.again(356)]).toEqual([6, 3]);
    trip.answered(3, 361);
    expect([trip.estimateMs, trip.again(361)]).toEqual([6, null]);
  });

  it("is asked for again by typing alone, soon at first and then rarely", () => {
    const trip = new RoundTrip();
    trip.attached(0);
    const asked: number[] = [];
    for (let now = 0; now <= 40_000; now += 500) {
      const probe = trip.typed(now);
      if (probe === null) continue;
      asked.push(now);
      trip.answered(probe, now + 30);
    }
    expect(asked).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 15_000, 25_000, 35_000]);
  });

  it("is the middle of the last five answers: one late answer changes little", () => {
    const trip = new RoundTrip();
    trip.answered(trip.attached(0), 40);
    for (const [index, ms] of [42, 900, 38, 41, 39].entries()) {
      const now = (index + 1) * 20_000;
      trip.answered(trip.typed(now) ?? 0, now + ms);
    }
    expect(trip.estimateMs).toBe(41);
  });

  it("counts neither an answer twice nor one to an earlier probe", () => {
    const trip = new RoundTrip();
    const first = trip.attached(0);
    const second = trip.typed(2_000) ?? 0;
    expect(trip.answered(first, 2_010)).toBe(false);
    expect(trip.answered(second, 2_020)).toBe(true);
    expect(trip.answered(second, 2_030)).toBe(false);
    expect(trip.estimateMs).toBe(20);
  });

  it("is forgotten with a cut, and typing during it asks for nothing", () => {
    const trip = new RoundTrip();
    trip.answered(trip.attached(0), 10);
    trip.cut();
    expect([trip.estimateMs, trip.typed(60_000)]).toEqual([null, null]);
  });
});
