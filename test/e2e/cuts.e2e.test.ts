// One deal of the cuts that test:long makes: every kind of them, overlapping, while two flows run and three tabs type.

import { afterEach, expect, it } from "vitest";
import { DEAL_CUTS, planCuts } from "../support/cut-plan.ts";
import { CutRig, RIG_TABS } from "../support/cut-rig.ts";
import { seedsFor } from "../support/seeded-random.ts";

const FINISH_MS = 60_000;
const MINUTE_MS = 60_000;

let rig: CutRig | undefined;

afterEach(async () => {
  expect(await rig?.stop()).toEqual([]);
});

it.each(seedsFor(1))(
  "not a byte is lost, repeated or reordered over a deal of cuts (seed %i)",
  async (seed) => {
    rig = await CutRig.start({ name: "e2e", seed, bytes: 1_500_000, bytesPerSecond: 16_000 });
    await rig.begin();
    for (const cut of planCuts({ seed, count: DEAL_CUTS, tabs: RIG_TABS })) await rig.make(cut);
    await rig.finish(FINISH_MS);
    process.stdout.write(`${rig.describe()}\n`);
  },
  5 * MINUTE_MS,
);
