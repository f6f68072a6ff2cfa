// The session machine as one table: what every state does with every event.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { transition } from "../../../worker/session/machine.ts";
import type { SessionEvent, SessionState } from "../../../worker/session/session-state.ts";
import { firstTimes } from "../../../worker/session/session-times.ts";

const NOW = 1_000_000;
const version = "a".repeat(64);
const challenge = { slug: "first-image", version, images: ["berth/python:3.11"] };
const lengths = { idleMs: limits.sessionIdleMs, totalMs: limits.sessionTotalMs, mostMs: limits.sessionMostMs };
const placed = {
  user: "u",
  session: "s",
  epoch: 3,
  pool: "local",
  challenge,
  ...firstTimes(lengths, 0),
};

const states = {
  none: { state: "none" },
  starting: { ...placed, state: "starting", host: null, deadlineAt: NOW },
  "starting placed": { ...placed, state: "starting", host: "h", deadlineAt: NOW },
  "running agent": { ...placed, state: "running", host: "h", step: "agent", deadlineAt: NOW, cutAt: null },
  "running starter": { ...placed, state: "running", host: "h", step: "starter", deadlineAt: NOW, cutAt: null },
  "running cut": { ...placed, state: "running", host: "h", step: "starter", deadlineAt: NOW, cutAt: 5 },
  ready: { ...placed, state: "ready", host: "h", cutAt: null },
  "ready cut": { ...placed, state: "ready", host: "h", cutAt: 5 },
  stopped: { ...placed, state: "stopped", host: "h", reason: { code: "ended_by_learner", message: "" } },
  failed: { ...placed, state: "failed", host: "h", reason: { code: "host_lost", message: "" } },
  expired: { ...placed, state: "expired", host: "h", reason: { code: "total_time_over", message: "" } },
} satisfies Record<string, SessionState>;
type StateName = keyof typeof states;

const events = {
  open: { type: "open", user: "u", session: "s2", pool: "local", challenge, lengths },
  end: { type: "end" },
  "start deadline": { type: "deadline", deadline: "start", dueAt: NOW },
  "step deadline": { type: "deadline", deadline: "step", dueAt: NOW },
  "host deadline": { type: "deadline", deadline: "host_grace", dueAt: NOW },
  "total deadline": { type: "deadline", deadline: "total", dueAt: NOW },
  "longest deadline": { type: "deadline", deadline: "most", dueAt: NOW },
  "idle deadline": { type: "deadline", deadline: "idle", dueAt: NOW },
  "early warning": { type: "deadline", deadline: "warning", dueAt: NOW },
  active: { type: "active" },
  "early extend": { type: "extend" },
  placed: { type: "placed", epoch: 3, host: "h" },
  "no host": { type: "no_host", epoch: 3, message: "full" },
  "claim failed": { type: "claim_failed", epoch: 3, code: "container_failed", message: "no disk" },
  "data attached": { type: "data_attached", epoch: 3, host: "h" },
  hello: { type: "hello", epoch: 3 },
  "data cut": { type: "data_cut", epoch: 3 },
  "agent up": { type: "agent_up", epoch: 3 },
  laid: { type: "laid", epoch: 3, version },
  "lay failed": { type: "lay_failed", epoch: 3, version, message: "no space" },
  "container lost": { type: "container_lost", epoch: 3, message: "gone" },
} satisfies Record<string, SessionEvent>;
type EventName = keyof typeof events;

/** What becomes of a state: its new name, what is ordered, or "same" for one that is left exactly as it is. */
const table: Record<StateName, Partial<Record<EventName, string>>> = {
  none: { open: "starting +place" },
  starting: {
    end: "stopped ended_by_learner +release",
    "start deadline": "failed start_timed_out +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "starting",
    placed: "starting",
    "no host": "failed no_runner_host +release",
    "claim failed": "failed container_failed +release",
    "data attached": "starting",
    "container lost": "failed container_lost +release",
  },
  "starting placed": {
    end: "stopped ended_by_learner +release",
    "start deadline": "failed start_timed_out +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "starting",
    placed: "starting",
    "no host": "failed no_runner_host +release",
    "claim failed": "failed container_failed +release",
    "data attached": "starting",
    hello: "running agent",
    "container lost": "failed container_lost +release",
  },
  "running agent": {
    end: "stopped ended_by_learner +release",
    "step deadline": "failed start_timed_out +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "running agent",
    "claim failed": "failed container_failed +release",
    "data attached": "running agent",
    hello: "running agent",
    "data cut": "running agent cut",
    "agent up": "running starter +lay",
    laid: "ready",
    "lay failed": "failed starter_failed +release",
    "container lost": "failed container_lost +release",
  },
  "running starter": {
    end: "stopped ended_by_learner +release",
    "step deadline": "failed starter_failed +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "running starter",
    "claim failed": "failed container_failed +release",
    "data attached": "running starter",
    hello: "running agent",
    "data cut": "running starter cut",
    "agent up": "running starter +lay",
    laid: "ready",
    "lay failed": "failed starter_failed +release",
    "container lost": "failed container_lost +release",
  },
  "running cut": {
    end: "stopped ended_by_learner +release",
    "host deadline": "failed host_lost +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "running starter cut",
    "claim failed": "failed container_failed +release",
    "data attached": "running starter",
    hello: "running agent",
    "agent up": "running starter cut +lay",
    laid: "ready cut",
    "lay failed": "failed starter_failed +release",
    "container lost": "failed container_lost +release",
  },
  ready: {
    end: "stopped ended_by_learner +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "ready",
    "claim failed": "failed container_failed +release",
    "data cut": "ready cut",
    "container lost": "failed container_lost +release",
  },
  "ready cut": {
    end: "stopped ended_by_learner +release",
    "host deadline": "failed host_lost +release",
    "total deadline": "expired total_time_over +release",
    "longest deadline": "expired total_time_over +release",
    "idle deadline": "expired idle_too_long +release",
    active: "ready cut",
    "claim failed": "failed container_failed +release",
    "data attached": "ready",
    hello: "ready",
    "container lost": "failed container_lost +release",
  },
  stopped: { open: "starting +place", placed: "stopped ended_by_learner +release" },
  failed: { open: "starting +place", placed: "failed host_lost +release" },
  expired: { open: "starting +place", placed: "expired total_time_over +release" },
};

function describeStep(before: SessionState, event: SessionEvent): string {
  const { state, effects } = transition(before, event, NOW);
  if (state === before && effects.length === 0) return "same";
  const parts: string[] = [state.state];
  if ("step" in state) parts.push(state.step);
  if ("cutAt" in state && state.cutAt !== null) parts.push("cut");
  if ("reason" in state) parts.push(state.reason.code);
  return [...parts, ...effects.map(({ kind }) => `+${kind}`)].join(" ");
}

function names<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record).filter((name): name is K => name in record);
}

describe("every state with every event", () => {
  for (const stateName of names(states)) {
    test.for(names(events))(`${stateName} + %s`, (eventName) => {
      expect(describeStep(states[stateName], events[eventName])).toBe(table[stateName][eventName] ?? "same");
    });
  }
});

describe("epochs", () => {
  test.for(names(events).filter((name) => "epoch" in events[name]))("%s of another epoch changes nothing", (name) => {
    for (const state of Object.values(states)) {
      expect(transition(state, { ...events[name], epoch: 2 } as SessionEvent, NOW)).toEqual({ state, effects: [] });
    }
  });

  test("a session after an ended one has the next epoch and its own id and times", () => {
    const { state, effects } = transition(states.failed, events.open, NOW);
    expect(state).toMatchObject({
      session: "s2",
      epoch: 4,
      createdAt: NOW,
      expiresAt: NOW + limits.sessionTotalMs,
      host: null,
    });
    expect(effects).toEqual([
      { kind: "place", pool: "local", user: "u", session: "s2", epoch: 4, images: challenge.images },
    ]);
  });
});

describe("deadlines of an edge that was away", () => {
  const late = NOW + limits.alarmLateMs + 1;

  test.for([
    ["starting", "start deadline", { deadlineAt: late + limits.startTimeoutMs }],
    ["running agent", "step deadline", { deadlineAt: late + limits.startTimeoutMs }],
    ["running starter", "step deadline", { deadlineAt: late + limits.layTimeoutMs }],
    ["ready cut", "host deadline", { cutAt: late }],
  ] as const)("%s waits one full window more at its %s", ([stateName, eventName, change]) => {
    const before = states[stateName];
    expect(transition(before, events[eventName], late)).toEqual({ state: { ...before, ...change }, effects: [] });
  });

  test("a session that is over its total time ends however late it is noticed", () => {
    expect(transition(states.ready, events["total deadline"], late).state.state).toBe("expired");
  });
});

describe("an extension", () => {
  test.for(names(states).filter((name) => "host" in states[name] && !("reason" in states[name])))(
    "of %s moves its end",
    (name) => {
      const before = { ...states[name], expiresAt: NOW + 5 } as SessionState;
      const { state, effects } = transition(before, events["early extend"], NOW);
      expect(state).toEqual({ ...before, expiresAt: NOW + limits.extendByMs, extendedAt: NOW, lastActiveAt: NOW });
      expect(effects).toEqual([]);
    },
  );
});

describe("a session that is over more than one of its times", () => {
  test("is over its whole time when the edge could not see that it was idle", () => {
    const over = { ...states.ready, lastActiveAt: 0, idleMs: 10, expiresAt: 20 };
    const { state } = transition(over, { type: "deadline", deadline: "idle", dueAt: 10 }, 20_000);
    expect(state).toMatchObject({ state: "expired", reason: { code: "total_time_over" } });
  });
});

test("another version that is laid, or fails to be, changes nothing", () => {
  const other = "b".repeat(64);
  expect(describeStep(states["running starter"], { ...events.laid, version: other })).toBe("same");
  expect(describeStep(states["running starter"], { ...events["lay failed"], version: other })).toBe("same");
});

test("a host without room is told as no host", () => {
  expect(describeStep(states.starting, { ...events["claim failed"], code: "no_room" })).toBe(
    "failed no_runner_host +release",
  );
});
