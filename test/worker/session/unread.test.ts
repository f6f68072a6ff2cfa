// The count of what is not proved to be read, at its limits.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { noteForwarded, type Share } from "../../../worker/session/share.ts";
import {
  costOf,
  findFurthestBehind,
  isMarkDue,
  isOverdue,
  noteMark,
  noteRead,
  noteSent,
  nothingUnread,
  recountAfterSleep,
} from "../../../worker/session/unread.ts";

/** Sent, with a mark after each of `parts`; marks are numbered from 1 and sent at that time. */
function sent(...parts: number[]) {
  const unread = nothingUnread();
  for (const [index, bytes] of parts.entries()) {
    noteSent(unread, bytes);
    noteMark(unread, index + 1, index + 1);
  }
  return unread;
}

describe("a mark", () => {
  test("is due after so much, and not before", () => {
    const unread = nothingUnread();
    noteSent(unread, limits.markEveryBytes - costOf(0) - 1);
    expect(isMarkDue(unread)).toBe(false);
    noteSent(unread, 1);
    expect(isMarkDue(unread)).toBe(true);
    noteMark(unread, 1, 0);
    expect(isMarkDue(unread)).toBe(false);
  });

  test("that comes back proves what was sent before it, and nothing after", () => {
    const unread = sent(1_000, 2_000);
    noteSent(unread, 3_000);
    expect(noteRead(unread, 1)).toBe(1);
    expect(unread.bytes).toBe(costOf(2_000) + costOf(3_000));
    expect(noteRead(unread, 2)).toBe(1);
    expect(unread.bytes).toBe(costOf(3_000));
  });

  test("proves those before it, which are old from then on", () => {
    const unread = sent(1_000, 2_000, 3_000);
    expect(noteRead(unread, 2)).toBe(2);
    expect([noteRead(unread, 1), noteRead(unread, 2), noteRead(unread, 9)]).toEqual([0, 0, 0]);
    expect(unread.bytes).toBe(costOf(3_000));
  });

  test("is overdue after its time, by the oldest that is out", () => {
    const unread = sent(1, 1);
    expect([isOverdue(unread, 10, 11), isOverdue(unread, 10, 12)]).toEqual([false, true]);
    noteRead(unread, 1);
    expect([isOverdue(unread, 10, 12), isOverdue(unread, 10, 13)]).toEqual([false, true]);
    noteRead(unread, 2);
    expect(isOverdue(unread, 10, 10_000)).toBe(false);
  });
});

test("what sleep forgot is taken for the most that it can be, until the next mark comes back", () => {
  const unread = sent(1_000);
  for (let sleeps = 0; sleeps < 4; sleeps++) recountAfterSleep(unread);
  expect(unread.bytes).toBeGreaterThanOrEqual(limits.markEveryBytes);
  expect(isMarkDue(unread)).toBe(true);
  noteMark(unread, 2, 2);
  expect(noteRead(unread, 2)).toBe(2);
  expect(unread.bytes).toBe(0);
});

test("the furthest behind goes when all together are over the limit, and not at it", () => {
  const quarter = limits.sessionUnreadBytes / 4;
  expect(findFurthestBehind([])).toBeNull();
  expect(findFurthestBehind([quarter, quarter * 2, quarter])).toBeNull();
  expect(findFurthestBehind([quarter, quarter * 2 + 1, quarter])).toBe(1);
});

test("a browser's share is full at the limit and not before, and a mark frees what was sent before it", () => {
  const share: Share = [];
  const half = limits.browserUnansweredBytes / 2;
  expect(noteForwarded(share, { sent: 0, read: 0 }, half)).toBe(true);
  expect(noteForwarded(share, { sent: 1, read: 0 }, half)).toBe(true);
  expect(noteForwarded(share, { sent: 1, read: 0 }, 1)).toBe(false);
  expect(noteForwarded(share, { sent: 1, read: 1 }, half)).toBe(true);
  expect(noteForwarded(share, { sent: 1, read: 1 }, 1)).toBe(false);
  expect(noteForwarded(share, { sent: 2, read: 2 }, 2 * half)).toBe(true);
});
