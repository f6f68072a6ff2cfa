// The small pure decisions of a host that holds sessions.

import { expect, test } from "vitest";
import { judgeClaim } from "../../../runner-host/sessions/judge-claim.ts";
import { RESTARTS_MAX, RESTARTS_WITHIN_MS, RestartBudget } from "../../../runner-host/sessions/restart-budget.ts";
import { StartAttempts } from "../../../runner-host/sessions/start-attempts.ts";
import { TerminalList } from "../../../runner-host/sessions/terminal-list.ts";
import { TokenBucket } from "../../../runner-host/sessions/token-bucket.ts";

const room = { held: 1, capacity: 2, images: ["node:24"] };

test.for([
  ["a new session is taken", { epoch: 1, images: [] }, null, room, "take"],
  ["a newer epoch is taken", { epoch: 2, images: [] }, 1, room, "take"],
  [
    "a newer epoch is taken even when there is no room for more",
    { epoch: 2, images: [] },
    1,
    { ...room, capacity: 1 },
    "take",
  ],
  ["the same epoch is held", { epoch: 2, images: [] }, 2, room, "held"],
  ["an older epoch is stale", { epoch: 1, images: [] }, 2, room, "stale"],
  ["a full host refuses", { epoch: 1, images: [] }, null, { ...room, held: 2 }, "no_room"],
  ["an image that is not here is refused", { epoch: 1, images: ["node:24", "go:1"] }, null, room, "image_missing"],
] as const)("%s", ([, claim, heldEpoch, hostRoom, expected]) => {
  const verdict = judgeClaim({ ...claim, images: [...claim.images] }, heldEpoch, hostRoom);
  expect(verdict.kind === "refuse" ? verdict.code : verdict.kind).toBe(expected);
});

test("a container is started again so many times in its while, and again when that has passed", () => {
  const budget = new RestartBudget();
  for (let i = 0; i < RESTARTS_MAX; i++) expect(budget.take(i)).toBe(true);
  expect(budget.take(RESTARTS_WITHIN_MS - 1)).toBe(false);
  expect(budget.take(RESTARTS_WITHIN_MS)).toBe(true);
  expect(budget.take(RESTARTS_WITHIN_MS)).toBe(false);
});

test("a container that does not start is tried again after growing pauses, the last time when its time is up", () => {
  const attempts = new StartAttempts(1_000, 10_000);
  const pauses: number[] = [];
  let nowMs = 1_000;
  for (let pauseMs = attempts.nextPauseMs(nowMs); pauseMs !== null; pauseMs = attempts.nextPauseMs(nowMs)) {
    pauses.push(pauseMs);
    nowMs += pauseMs;
  }
  expect(pauses).toEqual([300, 600, 1_200, 2_400, 3_000, 2_500]);
  expect(nowMs).toBe(11_000);
});

test("a bucket gives its burst and then its rate", () => {
  const bucket = new TokenBucket(2, 10, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
  expect([bucket.take(100), bucket.take(100)]).toEqual([true, false]);
  expect([bucket.take(10_000), bucket.take(10_000), bucket.take(10_000)]).toEqual([true, true, false]);
});

test("the list of terminals follows what passes", () => {
  const list = new TerminalList();
  const [a, b] = [`t_${"a".repeat(26)}`, `t_${"b".repeat(26)}`];
  list.replace([{ terminal: 1, instance: a, exited: false }]);
  list.note({
    type: "opened",
    connection: 1,
    terminal: 0,
    instance: b,
    offset: 0,
    end: 0,
    received: 0,
    cols: 80,
    rows: 24,
  });
  list.note({ type: "exited", terminal: 1, exitCode: 0 });
  list.note({
    type: "opened",
    connection: 1,
    terminal: 1,
    instance: a,
    offset: 0,
    end: 0,
    received: 0,
    cols: 80,
    rows: 24,
  });
  expect(list.all).toEqual([
    { terminal: 0, instance: b, exited: false },
    { terminal: 1, instance: a, exited: true },
  ]);
  list.remove(1, b);
  list.remove(0, b);
  list.note({ type: "exited", terminal: 0, exitCode: 0 });
  expect(list.all.map(({ terminal }) => terminal)).toEqual([1]);
});

test("a terminal that was closed is not listed again by an open that crossed its end", () => {
  const list = new TerminalList();
  const [closed, next] = [`t_${"a".repeat(26)}`, `t_${"b".repeat(26)}`];
  const opened = {
    type: "opened",
    connection: 1,
    terminal: 0,
    offset: 0,
    end: 0,
    received: 0,
    cols: 80,
    rows: 24,
  } as const;
  list.note({ ...opened, instance: closed });
  list.remove(0, closed);
  list.note({ ...opened, instance: closed });
  expect(list.all).toEqual([]);
  list.note({ ...opened, instance: next });
  expect(list.all).toEqual([{ terminal: 0, instance: next, exited: false }]);
});
