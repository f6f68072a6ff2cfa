// A run of sessions while the database is away, and what must be in it once it is back; how many says who calls it.

import { expect } from "vitest";
import { limits } from "#wire/limits.ts";
import type { HistoryRig } from "../support/history-rig.ts";
import { waitUntil } from "../support/wait-until.ts";

const CHALLENGE = "first-image";
const KINDS = ["started", "ready", "ended"];
/** A user's object tries again after so long at most, and has what waits stored in a moment then. */
const BACK_MS = limits.outboxRetryMaxMs + 60_000;

export interface HistoryRun {
  readonly sessions: number;
  readonly users: number;
  /** The edge is killed this often meanwhile: its objects have nothing but what they stored. */
  readonly edgeKills: number;
}

export async function runWithoutDatabase(rig: HistoryRig, { sessions, users, edgeKills }: HistoryRun): Promise<void> {
  const learners = await Promise.all(Array.from({ length: users }, (_, user) => rig.signIn(`history-${user}`)));
  // What is opened must have been seen once.
  await waitUntil(
    async () => (await learners[0]?.request("GET", `/api/challenges/${CHALLENGE}`))?.ok === true,
    30_000,
    "the catalogue",
  );
  await rig.takeAway();
  const lived = new Map(learners.map((learner) => [learner, [] as string[]]));
  const rounds = Math.ceil(sessions / users);
  const killEvery = Math.ceil(rounds / (edgeKills + 1));
  for (let round = 0; round < rounds; round++) {
    await Promise.all(learners.map(async (learner) => lived.get(learner)?.unshift(await rig.live(learner, CHALLENGE))));
    if ((round + 1) % killEvery === 0 && round + 1 < rounds) await killEdge(rig);
  }
  expect(await rig.storedRows()).toEqual([]);
  for (const learner of learners) expect(await rig.history(learner)).toBeNull();

  await rig.bringBack();
  const backAt = performance.now();
  for (const [learner, ids] of lived) {
    const listed = await rig.history(learner);
    expect(listed?.sessions.map(({ id }) => id)).toEqual(ids);
  }
  const all = [...lived.values()].flat().flatMap((id) => KINDS.map((kind) => `${id} ${kind}`));
  await waitUntil(async () => (await rig.storedRows()).length >= all.length, BACK_MS, "every row of history");
  process.stdout.write(
    `${all.length} rows were there ${Math.round((performance.now() - backAt) / 1000)} s after the database\n`,
  );
  expect((await rig.storedRows()).sort()).toEqual(all.sort());
  for (const [learner, ids] of lived) {
    const listed = (await rig.history(learner))?.sessions ?? [];
    expect(listed.map(({ id }) => id)).toEqual(ids);
    expect(new Set(listed.map(({ ended }) => ended?.reason.code))).toEqual(new Set(["ended_by_learner"]));
  }
}

async function killEdge(rig: HistoryRig): Promise<void> {
  await rig.stack.kill("edge");
  const answers = async (): Promise<boolean> => {
    try {
      return (await fetch(`${rig.stack.address}/healthz`)).ok;
    } catch {
      // Nothing listens while it starts.
      return false;
    }
  };
  await waitUntil(answers, 30_000, "the edge to be back");
}
