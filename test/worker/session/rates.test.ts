// How often a socket may say something: so much at once, so much a second after that.

import { describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { browserRates, hostRates, ordersOf } from "../../../worker/session/rates.ts";
import { TokenBucket } from "../../../worker/sockets/token-bucket.ts";

/** How many are taken at `now` before one is refused. */
function drain(bucket: TokenBucket, now: number, cost = 1): number {
  for (let taken = 0; ; taken++) if (!bucket.take(now, cost)) return taken;
}

describe("a token bucket", () => {
  test("gives its burst at once, then what was earned since, never more than the burst", () => {
    const bucket = new TokenBucket({ burst: 10, perSecond: 4 }, 1_000);
    expect(drain(bucket, 1_000)).toBe(10);
    expect(drain(bucket, 1_249)).toBe(0);
    expect(drain(bucket, 1_250)).toBe(1);
    expect(drain(bucket, 2_250)).toBe(4);
    expect(drain(bucket, 3_600_000)).toBe(10);
  });

  test("that was charged gives nothing before that is earned", () => {
    const bucket = new TokenBucket({ burst: 10, perSecond: 1 }, 0);
    bucket.charge(12);
    expect(drain(bucket, 2_000)).toBe(0);
    expect(drain(bucket, 3_000)).toBe(1);
  });

  test("takes nothing when it has too little, and a clock that goes back earns nothing by it", () => {
    const bucket = new TokenBucket({ burst: 10, perSecond: 1 }, 5_000);
    expect(drain(bucket, 5_000, 4)).toBe(2);
    expect(drain(bucket, 5_000)).toBe(2);
    expect(drain(bucket, 4_000)).toBe(0);
    expect(drain(bucket, 5_000)).toBe(1);
  });
});

test.for([
  ["browser", browserRates(0), limits.browserFramesBurst, limits.browserOrdersBurst],
  ["data", hostRates(0), limits.runnerFramesBurst, limits.agentChangesBurst],
] as const)("a %s socket has its frames and its orders", ([, rates, frames, orders]) => {
  expect([drain(rates.frames, 0), drain(rates.orders, 0)]).toEqual([frames, orders]);
});

test("a host has its notices apart from the rest", () => {
  const { notices } = hostRates(0);
  expect([drain(notices, 0), drain(notices, 3_000)]).toEqual([limits.noticesBurst, 3 * limits.noticesPerSecond]);
});

test("acks and marks are no orders, and an open costs as much as it makes others work", () => {
  expect(ordersOf({ type: "ack", terminal: 0, offset: 0 })).toBe(0);
  expect(ordersOf({ type: "read", mark: 1 })).toBe(0);
  expect(ordersOf({ type: "resize", terminal: 0, cols: 1, rows: 1 })).toBe(1);
  expect(ordersOf({ type: "probe", probe: 1, at: "host" })).toBe(1);
  const open = { terminal: 0, cols: 1, rows: 1, claimsSize: true, client: crypto.randomUUID() };
  expect(ordersOf({ type: "open", ...open, instance: null, offset: null })).toBe(limits.openOrders);
});
