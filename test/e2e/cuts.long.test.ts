// The acceptance of the relay: 500 cuts of a session's sockets, its object and its daemon, and 60 of the host's control socket, while 20 MB of numbered output flow and three tabs type into two terminals.

import { afterEach, expect, it } from "vitest";
import { DEAL_CUTS, planCuts } from "../support/cut-plan.ts";
import { CutRig, RIG_TABS } from "../support/cut-rig.ts";
import { seedsFor } from "../support/seeded-random.ts";

const CUTS = 20 * DEAL_CUTS;
const BYTES_PER_TERMINAL = 10_000_000;
const FINISH_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;

let rig: CutRig | undefined;

afterEach(async () => {
  expect(await rig?.stop()).toEqual([]);
});

it.each(seedsFor(1))(
  `not a byte is lost, repeated or reordered over ${CUTS} cuts (seed %i)`,
  async (seed) => {
    rig = await CutRig.start({ name: "long", seed, bytes: BYTES_PER_TERMINAL, bytesPerSecond: 6_000 });
    await rig.begin();
    for (const cut of planCuts({ seed, count: CUTS, tabs: RIG_TABS })) {
      if (cut.number % DEAL_CUTS === 0) process.stdout.write(`${cut.number} cuts of seed ${seed}\n`);
      await rig.make(cut);
    }
    await rig.finish(FINISH_MS);
    process.stdout.write(`${rig.describe()}\n`);
  },
  HOUR_MS,
);
