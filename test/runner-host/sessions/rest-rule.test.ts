// Who is put to rest when the machine runs short of memory: tables, and a model of a machine that fills up.

import { expect, test } from "vitest";
import type { SessionsMemory } from "../../../runner-host/engine/sessions-memory.ts";
import { type RestCandidate, RestRule } from "../../../runner-host/sessions/rest-rule.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const MINUTE_MS = 60_000;
const MiB = 1024 ** 2;

function memory(heldShare: number, availableShare = 0.5): SessionsMemory {
  return {
    heldBytes: heldShare * 1_000 * MiB,
    limitBytes: 1_000 * MiB,
    machineBytes: 2_000 * MiB,
    availableBytes: availableShare * 2_000 * MiB,
  };
}

function idle(session: string, minutes: number, isBusy = false): RestCandidate {
  return { session, idleMs: minutes * MINUTE_MS, isBusy };
}

const AWAKE = [idle("a", 3), idle("b", 40), idle("c", 90, true), idle("d", 10), idle("here", 0.5)];

test("nobody rests while there is room", () => {
  expect(new RestRule(MINUTE_MS).choose(memory(0.89, 0.06), AWAKE)).toEqual([]);
});

test.each([
  ["the sessions hold nearly all they may", memory(0.91)],
  ["the machine itself has next to nothing left", memory(0.2, 0.04)],
])("the longest idle rest first, a few at a time, when %s", (_when, short) => {
  const rule = new RestRule(MINUTE_MS);
  expect(rule.choose(short, AWAKE)).toEqual(["b", "d"]);
  expect(rule.choose(short, [idle("a", 3), idle("c", 90, true), idle("here", 0.5)])).toEqual(["a"]);
});

test("a session with a foreground job rests only when there is nothing left, and one that is used never does", () => {
  const left = [idle("c", 90, true), idle("here", 0.5)];
  expect(new RestRule(MINUTE_MS).choose(memory(0.95), left)).toEqual([]);
  expect(new RestRule(MINUTE_MS).choose(memory(0.97), left)).toEqual(["c"]);
  expect(new RestRule(MINUTE_MS).choose(memory(0.99, 0.01), [idle("here", 0.5)])).toEqual([]);
});

test("it goes on until there is room again, and then waits for the next shortage", () => {
  const rule = new RestRule(MINUTE_MS);
  expect(rule.choose(memory(0.85), AWAKE)).toEqual([]);
  rule.choose(memory(0.91), AWAKE);
  expect(rule.choose(memory(0.85), AWAKE)).toEqual(["b", "d"]);
  expect(rule.choose(memory(0.79), AWAKE)).toEqual([]);
  expect(rule.choose(memory(0.85), AWAKE)).toEqual([]);
});

/** Sessions come, grow, are used and rest; what rests frees its memory and comes back when it is used. */
test.each(seedsFor(20))("a model machine never stays short while somebody idle could rest (seed %i)", (seed) => {
  const random = new SeededRandom(seed);
  const rule = new RestRule(MINUTE_MS);
  const sessions = Array.from({ length: 40 }, (_, number) => {
    return { session: String(number), heldBytes: 0, idleMs: 0, isBusy: false, isResting: false };
  });
  let shortLooks = 0;
  for (let look = 0; look < 2_000; look++) {
    for (const one of sessions) {
      one.idleMs += 2_000;
      if (random.between(0, 199) === 0) Object.assign(one, { idleMs: 0, isResting: false, isBusy: false });
      if (!one.isResting && random.between(0, 19) === 0) one.heldBytes = random.between(10, 60) * MiB;
    }
    const awake = sessions.filter(({ isResting }) => !isResting);
    const held = awake.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    const chosen = rule.choose({ ...memory(0), heldBytes: held }, awake);
    for (const session of chosen) {
      const one = sessions.find((candidate) => candidate.session === session);
      expect(one?.isResting).toBe(false);
      expect(one?.idleMs).toBeGreaterThanOrEqual(MINUTE_MS);
      const kept = awake.filter((other) => !chosen.includes(other.session));
      expect(kept.every((other) => other.idleMs <= (one?.idleMs ?? 0))).toBe(true);
      Object.assign(one ?? {}, { isResting: true, heldBytes: 0 });
    }
    const couldRest = awake.some(({ idleMs }) => idleMs >= MINUTE_MS);
    shortLooks = held > 900 * MiB && couldRest && chosen.length === 0 ? shortLooks + 1 : 0;
    expect(shortLooks).toBe(0);
  }
});
