// Shows what a learner reads in each state of session and connection.

import { describe, expect, it } from "vitest";
import { endCodeSchema, type Session, sessionStateSchema } from "#wire/session.ts";
import type { ConnectionState } from "../../../web/session/connection.ts";
import { describeElapsed, describeProgress } from "../../../web/session/progress.ts";
import { describeEnding, describeNews, describeStatus, nameStatus } from "../../../web/session/session-sentences.ts";
import { describeSituation } from "../../../web/terminal/situation.ts";

const host = { id: `h_${"a".repeat(26)}`, region: "local" };
const session: Session = {
  id: `s_${"a".repeat(26)}`,
  epoch: 1,
  state: "ready",
  challengeId: "first-image",
  host,
  reachable: true,
  createdAt: 0,
  idleAt: 1,
  expiresAt: 1,
  mostAt: 1,
  extendableAt: null,
  terminals: [],
};
const open: ConnectionState = { name: "open", attempt: 0, openedAt: 0, pingAt: 1, deadAt: null };

describe("progress", () => {
  it.each([
    ["before the answer", null, ["active", "pending", "pending", "pending"], "Finding a host"],
    [
      "without a host",
      { state: "starting", host: null },
      ["active", "pending", "pending", "pending"],
      "Finding a host",
    ],
    [
      "with a host",
      { state: "starting", host },
      ["done", "active", "pending", "pending"],
      "Starting your container on aaaaaa (local)",
    ],
    [
      "once the container answers",
      { state: "running", host },
      ["done", "done", "active", "pending"],
      "Laying the challenge’s files in /workspace",
    ],
    ["when ready", { state: "ready", host }, ["done", "done", "done", "active"], "Ready"],
  ] as const)("%s", (_, seen, statuses, title) => {
    const steps = describeProgress(seen);
    expect(steps.map(({ status }) => status)).toEqual(statuses);
    expect(steps.find(({ status }) => status === "active")?.title).toBe(title);
  });

  it("reads as done once a step is done, and as still to come before", () => {
    const titles = describeProgress({ state: "running", host }).map(({ title }) => title);
    expect(titles).toEqual([
      "Found a host",
      "Started your container on aaaaaa (local)",
      "Laying the challenge’s files in /workspace",
      "Ready",
    ]);
    expect(describeProgress(null).map(({ title }) => title)[2]).toBe("Lay the challenge’s files in /workspace");
  });

  it.each([
    [0, null],
    [1_999, null],
    [2_000, "2 s"],
    [61_500, "61 s"],
  ])("after %i ms shows %s", (elapsedMs, text) => {
    expect(describeElapsed(elapsedMs)).toBe(text);
  });
});

describe("status", () => {
  it.each<[string, Partial<Session>, ConnectionState, string, string | null]>([
    ["connected", {}, open, "Connected", null],
    ["without the container", { reachable: false }, open, "Container unreachable, waiting for its host", null],
    ["first dial", {}, { name: "dialing", attempt: 0, giveUpAt: 1 }, "Connecting", null],
    ["later dial", {}, { name: "dialing", attempt: 3, giveUpAt: 1 }, "Reconnecting, attempt 3", null],
    ["short wait", {}, { name: "waiting", attempt: 1, dialAt: 90 }, "Reconnecting", "retry_now"],
    ["long wait", {}, { name: "waiting", attempt: 6, dialAt: 4_200 }, "Reconnecting in 5 s, attempt 6", "retry_now"],
    ["signed out", {}, { name: "over", close: "sign_in_required", next: "sign_in" }, "You are signed out", "sign_in"],
    [
      "older page",
      {},
      { name: "over", close: "reload_required", next: "reload" },
      "Berth was updated; reload the page to go on",
      "reload",
    ],
    [
      "too many tabs",
      {},
      { name: "over", close: "too_many_connections", next: "stop" },
      "Too many tabs are connected; close one, then retry",
      "retry_now",
    ],
    [
      "refused site",
      {},
      { name: "over", close: "origin_refused", next: "stop" },
      "Not connected: this site may not connect",
      "retry_now",
    ],
  ])("%s", (_, change, connection, text, action) => {
    expect(describeStatus({ ...session, ...change }, connection, 0)).toMatchObject({ text, action });
  });

  it("is named without a countdown where another place counts", () => {
    const waiting: ConnectionState = { name: "waiting", attempt: 6, dialAt: 4_200 };
    expect(nameStatus(session, waiting)).toBe("Reconnecting");
    expect(nameStatus(session, { name: "dialing", attempt: 3, giveUpAt: 1 })).toBe("Reconnecting");
    expect(nameStatus(session, { name: "dialing", attempt: 0, giveUpAt: 1 })).toBe("Connecting");
    expect(nameStatus(session, open)).toBe("Connected");
  });

  it.each<[string, Partial<Session>, ConnectionState, string | null]>([
    ["during a cut", {}, { name: "waiting", attempt: 1, dialAt: 90 }, "What you type is kept and sent."],
    ["while its host is away", { reachable: false }, open, "What you type is kept and sent."],
    ["once it is over", {}, { name: "over", close: "reload_required", next: "reload" }, null],
  ])("says %s what becomes of what is typed", (_, change, connection, note) => {
    const seen = {
      session: { ...session, ...change },
      connection,
      phase: { name: "waiting" } as const,
      isOnline: true,
    };
    expect(describeSituation(seen, null, 0)?.note).toBe(note);
  });

  it("is that the browser is offline where it is, without attempts", () => {
    const waiting: ConnectionState = { name: "waiting", attempt: 6, dialAt: 4_200 };
    const dialing: ConnectionState = { name: "dialing", attempt: 7, giveUpAt: 1 };
    for (const connection of [waiting, dialing]) {
      expect(describeStatus(session, connection, 0, false).text).toBe("You are offline");
      expect(nameStatus(session, connection, false)).toBe("Offline");
      expect(describeNews(session, connection, false)).toMatch(/^You are offline\. What you type is kept/);
    }
    expect(describeStatus(session, open, 0, false).text).toBe("Connected");
    const seen = { session, connection: waiting, phase: { name: "waiting" } as const, isOnline: false };
    expect(describeSituation(seen, null, 0)).toMatchObject({
      text: "You are offline",
      note: "What you type is kept and sent.",
    });
  });

  it("is told to a screen reader once for all attempts", () => {
    const told = [1, 2, 3].map((attempt) =>
      describeNews(session, { name: "waiting", attempt, dialAt: attempt * 1_000 }),
    );
    expect(new Set(told).size).toBe(1);
    expect(describeNews(session, open)).toBe("Connected.");
  });
});

describe("endings", () => {
  it.each(endCodeSchema.options)("of %s have a title, the edge's reason and what to do next", (code) => {
    for (const wasReady of [true, false]) {
      const ending = describeEnding({ state: "failed", reason: { code, message: "Because of this." } }, wasReady);
      expect(ending.title).not.toBe("");
      expect(ending.message).toMatch(/^Because of this\./);
      expect(ending.next).toMatch(/start again/i);
    }
  });

  it.each(endCodeSchema.exclude(["no_runner_host"]).options)("of %s say what became of the files", (code) => {
    const reason = { code, message: "Because of this." };
    expect(describeEnding({ state: "failed", reason }, true).next).toMatch(/are gone: there is no copy/);
    expect(describeEnding({ state: "failed", reason }, false).next).toMatch(/^Nothing was lost\./);
  });

  it("for want of use say what would have kept the session", () => {
    const { title, message } = describeEnding(
      { state: "expired", reason: { code: "idle_too_long", message: "" } },
      true,
    );
    expect(title).toBe("Ended while you were away");
    expect(message).toBe("A session goes on while you type, or while a program runs in one of its terminals.");
  });

  it("without a reason still say that it is over", () => {
    expect(describeEnding({ state: "stopped" }, true).title).toBe("Session ended");
  });
});

it("has a status line for every state", () => {
  const lines = sessionStateSchema.options.map((state) => describeStatus({ ...session, state }, open, 0).text);
  expect(new Set(lines).size).toBe(lines.length);
});
