// A session's times: what counts as a new note, when it is extended, and when it is warned.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { noteActive } from "../../../worker/session/activity.ts";
import { extend, judgeExtension } from "../../../worker/session/extension.ts";
import {
  extendableAt,
  fillTimes,
  firstTimes,
  followClock,
  type KeptTimes,
} from "../../../worker/session/session-times.ts";
import { nextWarningAt, noteWarned } from "../../../worker/session/warnings.ts";

const MINUTE = 60_000;
const START = 1_000 * MINUTE;
const lengths = { idleMs: 60 * MINUTE, totalMs: 240 * MINUTE, mostMs: 480 * MINUTE };
const fresh = firstTimes(lengths, START);
const at = (minutes: number): number => START + minutes * MINUTE;

describe("activity", () => {
  test("is noted once a minute, and at once when the clock went back", () => {
    expect(noteActive(fresh, START + limits.activityNoteEveryMs - 1)).toBe(fresh);
    expect(noteActive(fresh, START + limits.activityNoteEveryMs).lastActiveAt).toBe(START + limits.activityNoteEveryMs);
    expect(noteActive(fresh, START - 5).lastActiveAt).toBe(START - 5);
  });

  test("of a session with a short idle time is noted more often", () => {
    const short = { ...fresh, idleMs: 8_000 };
    expect(noteActive(short, START + 1_999)).toBe(short);
    expect(noteActive(short, START + 2_000).lastActiveAt).toBe(START + 2_000);
  });
});

describe("an extension", () => {
  const extended: KeptTimes = { ...fresh, expiresAt: at(280), extendedAt: at(220) };
  const atMost: KeptTimes = { ...fresh, expiresAt: at(480), extendedAt: at(430) };

  test.for([
    ["gives nothing while there is as much time left", fresh, 0, "enough", 240],
    ["is taken as soon as it gives more", fresh, 180, "given", 240],
    ["gives an hour from now", fresh, 239, "given", 299],
    ["that is asked for twice at once is one", extended, 220, "enough", 280],
    ["that is asked for again a little later is told when it can be", extended, 221, "extended_lately", 280],
    ["is given again after half an hour", extended, 250, "given", 310],
    ["ends at the longest time", { ...extended, expiresAt: at(470), extendedAt: null }, 440, "given", 480],
    ["beyond the longest time is refused", atMost, 470, "cannot_extend", 480],
    ["that reached the longest time may be asked for twice at once", atMost, 430, "enough", 480],
  ] satisfies [string, KeptTimes, number, string, number][])("%s", ([, times, minutes, outcome, expiresAt]) => {
    expect(judgeExtension(times, at(minutes))).toBe(outcome);
    const after = extend(times, at(minutes));
    expect((after.expiresAt - START) / MINUTE).toBe(expiresAt);
    if (outcome === "given") expect(after).toMatchObject({ extendedAt: at(minutes), lastActiveAt: at(minutes) });
    else expect(after).toBe(times);
  });

  test("is announced for the moment from which it is taken", () => {
    for (const times of [fresh, extended, { ...fresh, expiresAt: at(1) }]) {
      const from = extendableAt(times) ?? Number.NaN;
      expect(judgeExtension(times, from)).toBe("given");
      expect(judgeExtension(times, from - 1)).not.toBe("given");
    }
    expect(extendableAt(atMost)).toBeNull();
  });
});

describe("warnings", () => {
  test("come ten minutes and one minute before the end, once each", () => {
    expect(nextWarningAt(fresh)).toBe(at(50));
    expect(noteWarned(fresh, at(50) - 1)).toBe(fresh);
    const once = noteWarned(fresh, at(50));
    expect(noteWarned(once, at(50))).toBe(once);
    expect(nextWarningAt(once)).toBe(at(59));
    const twice = noteWarned(once, at(59));
    expect(twice.warned).toEqual({ at: at(60), count: 2 });
    expect(nextWarningAt(twice)).toBeNull();
  });

  test("come anew for an end that has moved", () => {
    const warned = noteWarned(fresh, at(51));
    expect(nextWarningAt({ ...warned, lastActiveAt: at(52) })).toBe(at(102));
  });

  test("that a late alarm finds together are one", () => {
    expect(noteWarned(fresh, at(59.5)).warned).toEqual({ at: at(60), count: 2 });
  });

  test.for([
    ["of a short idle time", { ...fresh, idleMs: 4 * MINUTE }, [2, 3]],
    ["of a very short idle time", { ...fresh, idleMs: 0.1 * MINUTE }, [0.05, 0.05]],
    ["of a short whole time", { ...fresh, expiresAt: at(12) }, [6, 11]],
    [
      "of what an extension gave",
      { ...fresh, lastActiveAt: at(470), expiresAt: at(480), extendedAt: at(470) },
      [475, 479],
    ],
  ] satisfies [string, KeptTimes, number[]][])("%s leave half of it alone", ([, times, expected]) => {
    const first = nextWarningAt(times) ?? 0;
    const second = nextWarningAt({
      ...times,
      warned: { at: Math.min(times.lastActiveAt + times.idleMs, times.expiresAt), count: 1 },
    });
    expect([first, second ?? 0].map((time) => (time - START) / MINUTE)).toEqual(expected);
  });
});

describe("a clock that goes back", () => {
  test("by less than the session's age leaves its end, and nothing in the future", () => {
    const used = { ...fresh, lastActiveAt: at(100), extendedAt: at(90) };
    expect(followClock(used, at(100))).toBe(used);
    expect(followClock(used, at(40))).toEqual({ ...used, lastActiveAt: at(40), extendedAt: at(40) });
  });

  test("beyond its beginning makes it a new one", () => {
    expect(followClock(fresh, at(-1_000))).toEqual(firstTimes(lengths, at(-1_000)));
  });
});

test("a session that was stored without its times gets them all", () => {
  const { createdAt, expiresAt } = fresh;
  expect(fillTimes({ createdAt, expiresAt }, at(5))).toEqual({ ...fresh, lastActiveAt: at(5) });
  expect(fillTimes({ ...fresh, extendedAt: 7 }, at(5))).toEqual({ ...fresh, extendedAt: 7 });
});
