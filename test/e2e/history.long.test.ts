// The acceptance of the outbox: 50 sessions of 5 learners with the database away from before the first to behind the last.

import { afterEach, expect, it } from "vitest";
import { HistoryRig } from "../support/history-rig.ts";
import { runWithoutDatabase } from "./history-suite.ts";

let rig: HistoryRig | undefined;

afterEach(async () => {
  expect(await rig?.stop()).toEqual([]);
});

it(
  "the database away for the whole run of 50 sessions, then back: every history row, once",
  async () => {
    rig = await HistoryRig.start("long");
    await runWithoutDatabase(rig, { sessions: 50, users: 5, edgeKills: 2 });
  },
  40 * 60_000,
);
