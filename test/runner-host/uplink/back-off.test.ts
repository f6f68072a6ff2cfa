// The waits between two attempts to reach the edge.

import { expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { BackOff } from "../../../runner-host/uplink/back-off.ts";

test("doubles up to its ceiling, anywhere below it, and starts anew after a good connection", () => {
  const backOff = new BackOff(() => 0.5);
  const waits = Array.from({ length: 12 }, () => backOff.nextMs());
  expect(waits.slice(0, 3)).toEqual([0.5, 1, 2].map((factor) => factor * limits.reconnectFirstMs));
  expect(Math.max(...waits)).toBe(limits.reconnectMaxMs / 2);
  expect(backOff.slowestMs()).toBe(limits.reconnectMaxMs * 1.5);
  backOff.reset();
  expect(backOff.nextMs()).toBe(limits.reconnectFirstMs / 2);
});
