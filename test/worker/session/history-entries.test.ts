// Which rows a session's life adds to its history: driven through the machine, as the object does it.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { historyOf } from "../../../worker/session/history-entries.ts";
import { transition } from "../../../worker/session/machine.ts";
import type { SessionEvent, SessionState } from "../../../worker/session/session-state.ts";

const challenge = { slug: "first-image", version: "v", images: [] };
const lengths = { idleMs: limits.sessionIdleMs, totalMs: limits.sessionTotalMs, mostMs: limits.sessionMostMs };
const open = (session: string): SessionEvent => ({
  type: "open",
  user: "u",
  session,
  pool: "local",
  challenge,
  lengths,
});
const upTo: SessionEvent[] = [
  open("s1"),
  { type: "placed", epoch: 1, host: "h" },
  { type: "hello", epoch: 1 },
  { type: "agent_up", epoch: 1 },
  { type: "laid", epoch: 1, version: "v" },
];

/** What the events add, a minute apart: session, kind, epoch and minute of each row. */
function rowsOf(events: readonly SessionEvent[]): string[] {
  let state: SessionState = { state: "none" };
  return events.flatMap((event, minute) => {
    const now = minute * 60_000;
    const { state: next } = transition(state, event, now);
    const rows = historyOf(state, next, now);
    state = next;
    return rows.map(({ session, kind, epoch, at }) => `${session} ${kind} ${epoch} ${at / 60_000}`);
  });
}

describe("the rows of a session", () => {
  test.for([
    ["that nobody opened", [{ type: "end" }], []],
    ["that was opened and goes on", [open("s1"), open("s1")], ["s1 started 1 0"]],
    ["that is ready, once, whatever is repeated", [...upTo, ...upTo.slice(1)], ["s1 started 1 0", "s1 ready 1 4"]],
    [
      "that was cut and came back",
      [...upTo, { type: "data_cut", epoch: 1 }, { type: "hello", epoch: 1 }],
      ["s1 started 1 0", "s1 ready 1 4"],
    ],
    [
      "that was extended",
      [...upTo, { type: "active" }, { type: "extend" }],
      ["s1 started 1 0", "s1 ready 1 4", "s1 extended 1 6"],
    ],
    [
      "that ended, once, and of the one after it",
      [...upTo, { type: "end" }, { type: "end" }, open("s2"), { type: "no_host", epoch: 2, message: "None." }],
      ["s1 started 1 0", "s1 ready 1 4", "s1 ended 1 5", "s2 started 2 7", "s2 ended 2 8"],
    ],
  ] satisfies [string, SessionEvent[], string[]][])("%s", ([, events, rows]) => {
    const extendable = events.map((event) =>
      event.type === "open" ? { ...event, lengths: { ...lengths, totalMs: limits.extendByMs } } : event,
    );
    expect(rowsOf(extendable)).toEqual(rows);
  });

  test("say how and why it ended, and nothing of that before", () => {
    const { state: starting } = transition({ state: "none" }, open("s1"), 0);
    const { state: failed } = transition(starting, { type: "no_host", epoch: 1, message: "All are full." }, 5);
    const none = { finalState: null, reasonCode: null, reasonMessage: null };
    expect(historyOf({ state: "none" }, starting, 0)).toMatchObject([
      { user: "u", session: "s1", challenge: "first-image", challengeVersion: "v", host: null, ...none, at: 0 },
    ]);
    const why = { finalState: "failed", reasonCode: "no_runner_host", reasonMessage: "All are full." };
    expect(historyOf(starting, failed, 5)).toMatchObject([{ kind: "ended", ...why, at: 5 }]);
  });
});
