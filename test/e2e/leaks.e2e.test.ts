// A few sessions started, used with Docker and ended leave nothing behind: a slice of what test:long does.

import { afterEach, expect, it } from "vitest";
import { Stack } from "../support/stack.ts";
import { expectNothingGrows } from "./leaks-suite.ts";

let stack: Stack | undefined;

afterEach(async () => {
  expect(await stack?.stop()).toEqual([]);
});

it(
  "6 sessions started, used with Docker and ended leave nothing behind",
  async () => {
    stack = await Stack.start({ name: "e2e" });
    await expectNothingGrows(stack, {
      ...{ sessions: 6, atATime: 2, warmUp: 2 },
      ...{ keptBytesPerSession: 64 * 1024, growthBytes: 48 * 2 ** 20 },
    });
  },
  10 * 60_000,
);
