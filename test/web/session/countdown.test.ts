// Shows how the page counts a session's time: which rule, how precisely, and what it says of more time.

import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import { sessionDeadline } from "#wire/session-deadline.ts";
import {
  describeExtendability,
  describeLengths,
  describeTimeLeft,
  latestEnd,
  readCountdown,
} from "../../../web/session/countdown.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const clock = (at: number) => `${at / MINUTE} min`;
const times = { createdAt: 0, idleAt: HOUR, expiresAt: 4 * HOUR, mostAt: 8 * HOUR };

describe("the countdown", () => {
  it.each([
    ["the total time while the idle one is far", 0, {}, "total", "far", "4 h 00 min left"],
    ["the idle time once it is close", 50 * MINUTE, {}, "idle", "near", "Idle, 10:00 left"],
    ["the idle time's last minute", 59 * MINUTE, {}, "idle", "last", "Idle, 1:00 left"],
    [
      "the total time when both are close and it comes first",
      3 * HOUR + 55 * MINUTE,
      { idleAt: 5 * HOUR },
      "total",
      "near",
      "5:00 left",
    ],
    ["the longest time", 7 * HOUR, { idleAt: 9 * HOUR, expiresAt: 8 * HOUR }, "most", "far", "1 h 00 min left"],
    ["an end that is due", 8 * HOUR, { idleAt: 9 * HOUR, expiresAt: 8 * HOUR }, "most", "last", "Ending"],
  ] as const)("counts %s", (_, now, change, rule, level, text) => {
    const countdown = readCountdown({ ...times, ...change }, HOUR, now);
    expect(countdown).toMatchObject({ deadline: { rule }, level, text });
  });

  it("ends where the edge's alarm does whenever it warns", () => {
    for (let now = 0; now < 8 * HOUR; now += 7 * MINUTE) {
      const used = { ...times, idleAt: now + 9 * MINUTE };
      const { deadline, level } = readCountdown(used, HOUR, now);
      if (level !== "far") expect(deadline).toEqual(sessionDeadline(used));
    }
  });

  it("of a session that may hardly lie unused warns only in the second half of that time", () => {
    const short = { ...times, idleAt: 4 * MINUTE };
    expect(readCountdown(short, 4 * MINUTE, 0).level).toBe("far");
    expect(readCountdown(short, 4 * MINUTE, 2 * MINUTE).text).toBe("Idle, 2:00 left");
  });

  it("of a short session warns only in the second half of its time", () => {
    const short = { createdAt: 0, idleAt: 4 * MINUTE, expiresAt: 4 * MINUTE, mostAt: HOUR };
    expect(readCountdown(short, HOUR, 2 * MINUTE - 1).level).toBe("far");
    expect(readCountdown(short, HOUR, 2 * MINUTE).level).toBe("near");
  });

  it("never rises and never skips a second of the last ten minutes", () => {
    const texts = Array.from({ length: 601 }, (_, second) => describeTimeLeft(limits.firstWarningMs - second * 1000));
    expect(new Set(texts).size).toBe(601);
    expect(texts.at(0)).toBe("10:00 left");
    expect(texts.at(-1)).toBe("0:00 left");
  });

  it.each([
    [4 * HOUR, "4 h 00 min left"],
    [HOUR, "1 h 00 min left"],
    [HOUR - 1, "59 min left"],
    [10 * MINUTE + 1, "10 min left"],
    [10 * MINUTE - 1, "9:59 left"],
    [61_000, "1:01 left"],
  ])("shows %i ms as %s", (leftMs, text) => {
    expect(describeTimeLeft(leftMs)).toBe(text);
  });
});

describe("the whole rule", () => {
  it("names the idle time where it comes first, and the longest one", () => {
    expect(latestEnd(times)).toEqual({ at: 4 * HOUR, rule: "total" });
    expect(describeLengths(times, clock)).toEqual([
      "Sooner, at 60 min, if nobody types and no program runs in a terminal until then.",
      "However often it is extended, it ends at 480 min.",
    ]);
  });

  it("says that nothing extends a session at its longest", () => {
    expect(describeLengths({ ...times, idleAt: 9 * HOUR, expiresAt: 8 * HOUR }, clock)).toEqual([
      "That is the longest time that a session may take: it cannot be extended.",
    ]);
  });
});

describe("more time", () => {
  it("can be asked for from the edge's moment on", () => {
    expect(describeExtendability(HOUR, HOUR, clock)).toEqual({ isPossible: true, reason: "" });
    expect(describeExtendability(HOUR, HOUR - 1, clock)).toEqual({
      isPossible: false,
      reason: "It can be extended from 60 min on.",
    });
  });

  it("is not offered where none would be given", () => {
    expect(describeExtendability(null, 0, clock)).toBeNull();
  });
});
