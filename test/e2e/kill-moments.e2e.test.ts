// Some kills of processes in moments of a session's life: a slice of what test:long does.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { Kill } from "../support/kill-plan.ts";
import { KillRig } from "../support/kill-rig.ts";

let rig: KillRig;

beforeAll(async () => {
  rig = await KillRig.start("e2e");
});

afterAll(async () => {
  expect(await rig.stop()).toEqual([]);
});

it.each<Omit<Kill, "number">>([
  { target: "dockerd", moment: "starting", afterMs: 300 },
  { target: "runner-host", moment: "starting", afterMs: 150 },
  { target: "containerd", moment: "ending", afterMs: 20 },
  { target: "shim", moment: "paused", afterMs: 0 },
  { target: "agent", moment: "ready", afterMs: 100 },
  { target: "init", moment: "paused", afterMs: 50 },
])(
  "a session is right within 15 s after $target was killed $afterMs ms into $moment, and nothing is left of it",
  async (kill) => {
    await rig.make({ number: 0, ...kill });
  },
);
