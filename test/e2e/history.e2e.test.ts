// A few sessions with the database away: a slice of what test:long does.

import { afterEach, expect, it } from "vitest";
import { HistoryRig } from "../support/history-rig.ts";
import { runWithoutDatabase } from "./history-suite.ts";

let rig: HistoryRig | undefined;

afterEach(async () => {
  expect(await rig?.stop()).toEqual([]);
});

it(
  "the database away for a run of 4 sessions and a kill of the edge, then back: every history row, once",
  async () => {
    rig = await HistoryRig.start("e2e");
    await runWithoutDatabase(rig, { sessions: 4, users: 2, edgeKills: 1 });
  },
  10 * 60_000,
);
