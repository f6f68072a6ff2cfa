// Shows how past sessions are listed beside the one that is open, and in which words.

import { describe, expect, it } from "vitest";
import type { HistorySession } from "#wire/history.ts";
import { endCodeSchema, type Session } from "#wire/session.ts";
import { describeLength, describePastEnd } from "../../../web/history/past-sentences.ts";
import { groupByDay, listSessions, type PastEnd } from "../../../web/history/past-sessions.ts";

const id = (letter: string) => `s_${letter.repeat(26)}`;
const noon = new Date(2026, 10, 20, 12).getTime();
const HOUR = 3_600_000;

const recorded = (letter: string, startedAt: number, ended: HistorySession["ended"] = null): HistorySession => ({
  id: id(letter),
  challengeId: "first-image",
  version: "0".repeat(64),
  startedAt,
  readyAt: null,
  extensions: 0,
  ended,
});
const byLearner: HistorySession["ended"] = {
  at: noon + HOUR,
  state: "stopped",
  reason: { code: "ended_by_learner", message: "You ended this session." },
};
const open: Session = {
  id: id("b"),
  epoch: 1,
  state: "ready",
  challengeId: "layer-order",
  host: null,
  reachable: true,
  createdAt: noon + 2 * HOUR,
  idleAt: 1,
  expiresAt: 1,
  mostAt: 1,
  extendableAt: null,
  terminals: [],
};

describe("the list", () => {
  it("begins with the open session also before history has heard of it", () => {
    const list = listSessions([recorded("a", noon, byLearner)], open);
    expect(list.map((session) => [session.challengeId, session.end.name])).toEqual([
      ["layer-order", "open"],
      ["first-image", "ended"],
    ]);
  });

  it("has the open session once", () => {
    expect(listSessions([recorded("b", noon)], open)).toHaveLength(1);
  });

  it.each([
    ["open while it is", open, "open"],
    ["over when none is open", null, "unrecorded"],
    ["open while that is not known", undefined, "open"],
  ])("takes a session without an end for %s", (_, current, name) => {
    expect(listSessions([recorded("b", noon)], current)[0]?.end.name).toBe(name);
  });

  it("is parted by the reader's days", () => {
    const days = groupByDay(
      listSessions([recorded("a", noon), recorded("b", noon - HOUR), recorded("c", noon - 24 * HOUR)], null),
    );
    expect(days.map(({ sessions }) => sessions.length)).toEqual([2, 1]);
  });
});

describe("the words", () => {
  it.each(endCodeSchema.options)("for %s say how and why", (code) => {
    const end: PastEnd = { name: "ended", at: 0, code, message: "Because of this." };
    const { name, why } = describePastEnd(end);
    expect(name).not.toBe("");
    expect(why).toBe(code === "ended_by_learner" ? "" : "Because of this.");
  });

  it.each([
    [20_000, "under 1 min"],
    [59 * 60_000, "59 min"],
    [88 * 60_000, "1 h 28 min"],
  ])("for %i ms are %s", (ms, text) => {
    expect(describeLength(ms)).toBe(text);
  });
});
