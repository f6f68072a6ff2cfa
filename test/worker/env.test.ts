// The edge's settings: what the bindings say, and what they may not say.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { readSettings } from "../../worker/env.ts";

test("sessions last as long as the bindings say, or as is usual", () => {
  expect(readSettings({ ...env }).lengths).toEqual({
    idleMs: limits.sessionIdleMs,
    totalMs: limits.sessionTotalMs,
    mostMs: limits.sessionMostMs,
  });
  const short = { ...env, SESSION_IDLE_MINUTES: "0.1", SESSION_TOTAL_MINUTES: "1", SESSION_MOST_MINUTES: "2" };
  expect(readSettings(short).lengths).toEqual({ idleMs: 6_000, totalMs: 60_000, mostMs: 120_000 });
});

test("nonsense is refused by the binding's name", () => {
  expect(() => readSettings({ ...env, SESSION_IDLE_MINUTES: "0" })).toThrow("SESSION_IDLE_MINUTES");
  expect(() => readSettings({ ...env, SESSION_TOTAL_MINUTES: "500", SESSION_MOST_MINUTES: "400" })).toThrow(
    "SESSION_TOTAL_MINUTES is more than SESSION_MOST_MINUTES",
  );
});
