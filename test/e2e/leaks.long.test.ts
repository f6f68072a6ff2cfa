// The acceptance of clean-up: 200 sessions started, used with Docker and ended leave the machine as it was.

import { afterEach, expect, it } from "vitest";
import { Stack } from "../support/stack.ts";
import { expectNothingGrows } from "./leaks-suite.ts";

const HOUR_MS = 60 * 60_000;

let stack: Stack | undefined;

afterEach(async () => {
  expect(await stack?.stop()).toEqual([]);
});

it(
  "200 sessions started, used with Docker and ended leave nothing behind",
  async () => {
    stack = await Stack.start({ name: "leaks" });
    await expectNothingGrows(stack, {
      ...{ sessions: 200, atATime: 4, warmUp: 16 },
      ...{ keptBytesPerSession: 8 * 1024, growthBytes: 48 * 2 ** 20 },
    });
  },
  HOUR_MS,
);
