// The deadline under random days: activity, extensions, edges that are away or lose their memory, and clocks that jump.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { isLongAfter, noteActive } from "../../../worker/session/activity.ts";
import { dueDeadlines, nextAlarmAt } from "../../../worker/session/alarms.ts";
import { judgeExtension } from "../../../worker/session/extension.ts";
import { transition } from "../../../worker/session/machine.ts";
import { type Ended, isActive, type Ready, type SessionEvent } from "../../../worker/session/session-state.ts";
import { deadlineOf, firstTimes, followClock } from "../../../worker/session/session-times.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const challenge = { slug: "first-image", version: "a".repeat(64), images: [] };
const start = 1_000 * HOUR;
/** When an alarm comes that was asked for soon. */
const SOON_MS = 1_000;

/** An object with its alarm, as session-life.ts drives the machine; `lastUsedAt` is what a learner would swear to. */
class Day {
  now = start;
  state: Ready | Ended;
  stored: Ready | Ended;
  alarmAt: number;
  lastUsedAt = start;
  hasLostNote = false;
  readonly warnings: { deadline: number; at: number }[] = [];
  endedAt: number | null = null;

  constructor(lengths: { idleMs: number; totalMs: number; mostMs: number }) {
    const times = firstTimes(lengths, start);
    const who = { user: "u", session: "s", epoch: 1, pool: "local", challenge, host: "h" };
    this.stored = this.state = { ...who, ...times, state: "ready", cutAt: null };
    this.alarmAt = this.#nextAlarm();
  }

  get ready(): Ready | null {
    return this.state.state === "ready" ? this.state : null;
  }

  use(): void {
    if (this.ready === null) return;
    this.lastUsedAt = this.now;
    this.hasLostNote = false;
    if (isLongAfter(this.ready, this.now)) this.alarmAt = this.now + SOON_MS;
    this.state = noteActive(this.ready, this.now);
  }

  extend(): void {
    if (this.ready === null) return;
    this.lastUsedAt = this.now;
    this.#apply({ type: judgeExtension(this.ready, this.now) === "given" ? "extend" : "active" });
  }

  /** Time goes by, with alarms that come within what an alarm may be late. */
  pass(ms: number, random: SeededRandom): void {
    const until = this.now + ms;
    while (this.ready !== null && this.alarmAt <= until) {
      this.now = Math.max(this.now, this.alarmAt) + random.between(0, limits.alarmLateMs / 10);
      this.#wake();
    }
    this.now = Math.max(this.now, until);
  }

  /** Nobody can reach the edge, or its clock is put forward or back: its alarm comes when it is there again. */
  jump(ms: number): void {
    this.now += ms;
    this.lastUsedAt = Math.min(this.lastUsedAt, this.now);
    this.#follow();
    if (this.alarmAt <= this.now) this.#wake();
  }

  /** A deploy: memory and sockets are lost. */
  kick(): void {
    this.hasLostNote ||= this.state.lastActiveAt > this.stored.lastActiveAt;
    this.state = this.stored;
  }

  #wake(): void {
    this.#follow();
    for (const deadline of dueDeadlines(this.state, this.now)) this.#apply({ type: "deadline", ...deadline });
    this.#store();
  }

  #follow(): void {
    if (this.ready === null) return;
    const state = followClock(this.ready, this.now);
    if (state === this.ready) return;
    this.state = state;
    this.#store();
  }

  #apply(event: SessionEvent): void {
    const before = this.state;
    const { state } = transition(before, event, this.now);
    if (state === before || state.state === "none" || state.state === "starting" || state.state === "running") return;
    this.state = state;
    if (event.type === "deadline" && event.deadline === "warning") {
      this.warnings.push({ deadline: deadlineOf(state).at, at: this.now });
    }
    if (!isActive(state)) this.endedAt = this.now;
    this.#store();
  }

  #store(): void {
    this.stored = this.state;
    this.alarmAt = this.#nextAlarm();
  }

  #nextAlarm(): number {
    return nextAlarmAt(this.state, null, this.now) ?? Number.POSITIVE_INFINITY;
  }
}

function live(random: SeededRandom, { hasJumps, hasKicks }: { hasJumps: boolean; hasKicks: boolean }): Day {
  const totalMs = random.between(5, 300) * MINUTE;
  const idleMs = Math.min(totalMs, random.between(1, 90) * MINUTE);
  const day = new Day({ idleMs, totalMs, mostMs: totalMs + random.between(0, 300) * MINUTE });
  const laziness = random.pick([0.02, 0.3, 0.8]);
  for (let step = 0; day.ready !== null && step < 20_000; step++) {
    day.pass(random.chance(laziness) ? random.between(0, 80 * MINUTE) : random.between(1, 3 * MINUTE), random);
    if (random.chance(0.7)) day.use();
    if (random.chance(0.05)) day.extend();
    if (hasKicks && random.chance(0.05)) {
      day.pass(SOON_MS * 2, random);
      day.kick();
    }
    if (hasJumps && random.chance(0.03)) day.jump(random.between(-2 * HOUR, 3 * HOUR));
    checkAlive(day);
  }
  expect(day.ready, "every session ends").toBeNull();
  return day;
}

function checkAlive({ ready, now }: Day): void {
  if (ready === null) return;
  expect(ready.expiresAt).toBeLessThanOrEqual(ready.mostAt);
  expect(ready.createdAt).toBeLessThanOrEqual(now);
  expect(now - ready.mostAt, "an alarm may be a little late").toBeLessThanOrEqual(limits.alarmLateMs);
}

function checkEnd({ state, endedAt, lastUsedAt, hasLostNote }: Day): void {
  if (!("reason" in state) || endedAt === null) throw new Error("not ended");
  const { code } = state.reason;
  if (code === "total_time_over") {
    expect(endedAt).toBeGreaterThanOrEqual(Math.min(state.expiresAt, state.mostAt));
    return;
  }
  expect(code).toBe("idle_too_long");
  // One look that stores what is just too old to be stored soon, and one until the next.
  const forgottenMs = hasLostNote ? 2 * limits.hostWatchEveryMs : 0;
  expect(endedAt - lastUsedAt).toBeGreaterThanOrEqual(state.idleMs - limits.activityNoteEveryMs - forgottenMs);
}

function checkWarnings({ warnings, state, endedAt }: Day, isCalm: boolean): void {
  const byDeadline = Map.groupBy(warnings, ({ deadline }) => deadline);
  for (const given of byDeadline.values()) expect(given.length).toBeLessThanOrEqual(2);
  if (!isCalm || !("reason" in state) || endedAt === null) return;
  const last = warnings.at(-1);
  expect(last?.deadline, "an end that is on time was warned of").toBe(deadlineOf(state).at);
  expect(endedAt - (last?.at ?? 0)).toBeLessThanOrEqual(limits.lastWarningMs + limits.alarmLateMs);
}

describe.for(seedsFor(8))("seed %i", (seed) => {
  const random = new SeededRandom(seed);

  test("a calm day ends on time, and warned", () => {
    for (let run = 0; run < 25; run++) {
      const day = live(random, { hasJumps: false, hasKicks: false });
      checkEnd(day);
      checkWarnings(day, true);
      const { state, endedAt, lastUsedAt } = day;
      const idleFor = (endedAt ?? 0) - lastUsedAt;
      expect(idleFor).toBeLessThanOrEqual(state.idleMs + limits.alarmLateMs);
    }
  });

  test("an edge that loses its memory ends no session early by more than it may forget", () => {
    for (let run = 0; run < 25; run++) {
      const day = live(random, { hasJumps: false, hasKicks: true });
      checkEnd(day);
      checkWarnings(day, false);
    }
  });

  test("an edge that is away, and clocks that jump, end none early and let none live beyond its longest time", () => {
    for (let run = 0; run < 25; run++) {
      const day = live(random, { hasJumps: true, hasKicks: true });
      checkEnd(day);
    }
  });
});
