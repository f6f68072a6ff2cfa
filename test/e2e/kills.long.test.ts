// The acceptance of life: kill -9 of each process at 100 seeded moments of a session's life ends in a right state, with nothing left.

import { afterEach, expect, it } from "vitest";
import { planKills } from "../support/kill-plan.ts";
import { KillRig } from "../support/kill-rig.ts";
import { seedsFor } from "../support/seeded-random.ts";

const KILLS = 100;
const HOUR_MS = 60 * 60_000;

let rig: KillRig | undefined;

afterEach(async () => {
  expect(await rig?.stop()).toEqual([]);
});

it.each(seedsFor(1))(
  `${KILLS} kills: the session is right again within 15 s, and nothing of it is left a minute after its end (seed %i)`,
  async (seed) => {
    rig = await KillRig.start("kills");
    const settledMs: number[] = [];
    for (const kill of planKills(seed, KILLS)) {
      if (kill.number % 10 === 0) process.stdout.write(`${kill.number} kills of seed ${seed}\n`);
      settledMs.push(await rig.make(kill));
    }
    settledMs.sort((a, b) => a - b);
    const [median, longest] = [settledMs[KILLS / 2], settledMs.at(-1)];
    process.stdout.write(
      `right again after ${Math.round(median ?? 0)} ms (median), ${Math.round(longest ?? 0)} ms (longest)\n`,
    );
  },
  HOUR_MS,
);
