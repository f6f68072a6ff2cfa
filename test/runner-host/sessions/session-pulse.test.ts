// When a session's container is frozen and thawed, by a clock that a test turns, on an engine and an agent that only note what they are asked.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { limits } from "#wire/limits.ts";
import type { ContainerUsage } from "../../../runner-host/engine/container-usage.ts";
import { HostMetrics } from "../../../runner-host/metrics.ts";
import { pulseTimes } from "../../../runner-host/sessions/patience.ts";
import { SessionPulse } from "../../../runner-host/sessions/session-pulse.ts";

const QUIET_MS = 60_000;
const LOOK_MS = pulseTimes(QUIET_MS).lookEveryMs;
const usage: ContainerUsage = {
  ...{ memoryBytes: 0, oomKills: 0, pidsRefused: 0, cpuMs: 0, throttledPeriods: 0 },
  disk: { sizeBytes: 1, freeBytes: 1, inodes: 1, freeInodes: 1 },
};

let did: string[];
let canFreeze: boolean;
let answersPings: boolean;
let metrics: HostMetrics;
let looks: number;
let actives: number;
let pulse: SessionPulse;

beforeEach(() => {
  vi.useFakeTimers();
  did = [];
  [canFreeze, answersPings, looks, actives] = [true, true, 0, 0];
  metrics = new HostMetrics();
  const agent = {
    pongsDue: 0,
    ping() {
      did.push("ping");
      if (answersPings) pulse.notePong();
    },
    rest: () => did.push("rest"),
    wake: () => did.push("wake"),
  };
  pulse = new SessionPulse({
    session: "s",
    engine: {
      freezeContainer() {
        did.push("freeze");
        return canFreeze;
      },
      thawContainer: () => void did.push("thaw"),
      async readUsage() {
        looks += 1;
        return usage;
      },
    },
    agents: { current: agent },
    metrics,
    times: pulseTimes(QUIET_MS),
    nowMs: () => Date.now(),
    onUsage: () => undefined,
    onActive: () => (actives += 1),
    watchOver: (work) => void work,
  });
  pulse.start();
});
afterEach(() => {
  pulse.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function pausedNow(): Promise<number | undefined> {
  return (await metrics.pausedSessions.get()).values[0]?.value;
}

it("a quiet session is asked once more, frozen, and looked at no more", async () => {
  await pass(QUIET_MS - LOOK_MS);
  expect(did).toEqual([]);
  await pass(2 * LOOK_MS);
  expect(did).toEqual(["ping", "freeze", "rest"]);
  expect([pulse.isPaused, await pausedNow()]).toEqual([true, 1]);
  const before = looks;
  await pass(3_600_000);
  expect([looks, did.length]).toEqual([before, 3]);
});

it("whatever is sent to the agent thaws it within the call, and the quiet time starts anew", async () => {
  await pass(QUIET_MS + LOOK_MS);
  did = [];
  pulse.noteUse();
  expect(did).toEqual(["thaw", "wake"]);
  expect([pulse.isPaused, await pausedNow()]).toEqual([false, 0]);
  await pass(QUIET_MS - LOOK_MS);
  expect(did).toEqual(["thaw", "wake"]);
  await pass(2 * LOOK_MS);
  expect(pulse.isPaused).toBe(true);
});

it("a key that comes between question and answer keeps it awake", async () => {
  answersPings = false;
  await pass(QUIET_MS + LOOK_MS);
  expect(did).toEqual(["ping"]);
  pulse.noteUse();
  pulse.notePong();
  expect(did).toEqual(["ping"]);
});

it("a job that is told with the answer keeps it awake", async () => {
  answersPings = false;
  await pass(QUIET_MS + LOOK_MS);
  pulse.noteJobs(true);
  pulse.notePong();
  await pass(QUIET_MS);
  expect(pulse.isPaused).toBe(false);
});

it("an agent that does not answer is not frozen", async () => {
  answersPings = false;
  await pass(3 * QUIET_MS);
  expect(did).toEqual(["ping"]);
});

it("a container that cannot be frozen now is tried again", async () => {
  canFreeze = false;
  await pass(QUIET_MS + LOOK_MS);
  expect(pulse.isPaused).toBe(false);
  canFreeze = true;
  await pass(2 * LOOK_MS);
  expect(pulse.isPaused).toBe(true);
});

it("an agent that is gone leaves nothing frozen and nothing busy", async () => {
  await pass(QUIET_MS + LOOK_MS);
  pulse.stop();
  expect([did.at(-1), pulse.isPaused, await pausedNow()]).toEqual(["thaw", false, 0]);
  const before = looks;
  await pass(QUIET_MS);
  expect(looks).toBe(before);
});

it("a foreground job is activity as soon as it is told, and then once in its time", async () => {
  pulse.noteJobs(true);
  expect(actives).toBe(1);
  pulse.noteJobs(false);
  pulse.noteJobs(true);
  expect(actives).toBe(1);
  await pass(3 * limits.activityNoteEveryMs + LOOK_MS);
  expect(actives).toBe(4);
  pulse.noteJobs(false);
  await pass(2 * limits.activityNoteEveryMs);
  expect(actives).toBe(4);
});
