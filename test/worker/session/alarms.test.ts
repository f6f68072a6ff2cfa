// Which alarm a session sets, which effects stay wanted, and how often they are tried.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { dueDeadlines, nextAlarmAt } from "../../../worker/session/alarms.ts";
import { effectKey, isWanted, retryDelayMs } from "../../../worker/session/effects.ts";
import type { Effect, SessionState } from "../../../worker/session/session-state.ts";

const challenge = { slug: "x", version: "v", images: [] };
const placed = {
  user: "u",
  session: "s",
  epoch: 1,
  pool: "local",
  challenge,
  createdAt: 0,
  lastActiveAt: 0,
  idleMs: 5_000_000,
  expiresAt: 10_000_000,
  mostAt: 20_000_000,
  extendedAt: null,
  warned: null,
  host: "h",
};
const starting: SessionState = { ...placed, state: "starting", host: null, deadlineAt: 500 };
const running: SessionState = { ...placed, state: "running", step: "agent", deadlineAt: 700, cutAt: null };
const ready: SessionState = { ...placed, state: "ready", cutAt: null };
const cut: SessionState = { ...placed, state: "ready", cutAt: 1000 };
const stopped: SessionState = { ...placed, state: "stopped", reason: { code: "ended_by_learner", message: "" } };

describe("the next alarm", () => {
  test.for([
    ["is none without a session", { state: "none" }, null, null],
    ["is the start's deadline", starting, null, 500],
    ["is the step's deadline", running, null, 700],
    ["is the next look at a connected host", ready, null, limits.hostWatchEveryMs],
    ["is the end of the host's grace once it is cut", cut, null, 1000 + limits.hostGraceMs],
    ["is an earlier retry", starting, 100, 100],
    ["is only the retry of a release once the session has ended", stopped, 900, 900],
    ["is none once an ended session has nothing pending", stopped, null, null],
  ] satisfies [string, SessionState, number | null, number | null][])("%s", ([, state, retryAt, expected]) => {
    expect(nextAlarmAt(state, retryAt, 0)).toBe(expected);
  });

  test.for([
    ["the total time", { expiresAt: 60, warned: { at: 60, count: 2 } }, 60],
    ["the longest time", { expiresAt: 90, mostAt: 60, warned: { at: 60, count: 2 } }, 60],
    ["the idle time", { idleMs: 60, warned: { at: 60, count: 2 } }, 60],
    ["a first warning's time", { expiresAt: 60 }, 30],
  ] as const)("is the end of %s when that comes first", ([, change, expected]) => {
    expect(nextAlarmAt({ ...ready, ...change }, null, 0)).toBe(expected);
  });
});

test("only deadlines that have come are due", () => {
  expect(dueDeadlines(starting, 499)).toEqual([]);
  expect(dueDeadlines(starting, 500)).toEqual([{ deadline: "start", dueAt: 500 }]);
  expect(dueDeadlines(running, 10_000_000).map(({ deadline }) => deadline)).toEqual(["idle", "warning", "step"]);
  expect(dueDeadlines(stopped, 99_000_000)).toEqual([]);
});

describe("effects", () => {
  const place: Effect = { kind: "place", pool: "local", user: "u", session: "s", epoch: 1, images: [] };
  const lay: Effect = { kind: "lay", session: "s", epoch: 1, version: "v" };
  const release: Effect = { kind: "release", pool: "local", session: "s", epoch: 1 };

  test.for([
    ["a placement until there is a host", place, [starting], [{ ...starting, host: "h" }, running, ready, stopped]],
    ["a lay while the session runs", lay, [running], [starting, ready, stopped]],
    ["a release whatever the session is", release, [starting, running, ready, cut, stopped, { state: "none" }], []],
  ] satisfies [string, Effect, SessionState[], SessionState[]][])("keep %s", ([, effect, wanted, dropped]) => {
    expect(wanted.map((state) => isWanted(effect, state))).toEqual(wanted.map(() => true));
    expect(dropped.map((state) => isWanted(effect, state))).toEqual(dropped.map(() => false));
  });

  test("of an older epoch are dropped, but for its release", () => {
    expect([place, lay, release].map((effect) => isWanted(effect, { ...running, epoch: 2 }))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("are the same by kind, session and epoch", () => {
    const again: Effect = { ...place, images: ["other"] };
    expect(effectKey(place)).toBe(effectKey(again));
    expect(new Set([place, lay, release, { ...release, epoch: 2 }].map(effectKey)).size).toBe(4);
  });

  test("are tried again after delays that double up to a limit", () => {
    expect([0, 1, 2].map(retryDelayMs)).toEqual([500, 1000, 2000]);
    expect([10, 1000].map(retryDelayMs)).toEqual([limits.effectRetryMaxMs, limits.effectRetryMaxMs]);
  });
});
