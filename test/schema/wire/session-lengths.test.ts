// The lengths of sessions as an operator sets them.

import { expect, it } from "vitest";
import { limits } from "../../../schema/wire/limits.ts";
import { readSessionLengths } from "../../../schema/wire/session-lengths.ts";

const MINUTE_MS = 60_000;
const defaults = { idleMs: limits.sessionIdleMs, totalMs: limits.sessionTotalMs, mostMs: limits.sessionMostMs };

it.each([
  ["nothing is set", {}, defaults],
  ["empty texts are set", { SESSION_IDLE_MINUTES: "", SESSION_TOTAL_MINUTES: " " }, defaults],
  ["all are set", { SESSION_IDLE_MINUTES: "5", SESSION_TOTAL_MINUTES: "30", SESSION_MOST_MINUTES: "90" }, [5, 30, 90]],
  ["parts of minutes are set", { SESSION_IDLE_MINUTES: "0.05", SESSION_TOTAL_MINUTES: "0.5" }, [0.05, 0.5, 480]],
  ["the total is short, the idle time is no longer", { SESSION_TOTAL_MINUTES: "2" }, [2, 2, 480]],
  ["the most is short, the others are no longer", { SESSION_MOST_MINUTES: "3" }, [3, 3, 3]],
  ["the total is long, the most is as long", { SESSION_TOTAL_MINUTES: "600" }, [60, 600, 600]],
  ["all are the same", { SESSION_IDLE_MINUTES: "9", SESSION_TOTAL_MINUTES: "9", SESSION_MOST_MINUTES: "9" }, [9, 9, 9]],
] as const)("when %s", (_, texts, expected) => {
  const [idle = 0, total = 0, most = 0] = "map" in expected ? expected.map((minutes) => minutes * MINUTE_MS) : [];
  const lengths = "map" in expected ? { idleMs: idle, totalMs: total, mostMs: most } : expected;
  expect(readSessionLengths(texts)).toEqual({ lengths, problem: null });
});

it.each([
  ["SESSION_TOTAL_MINUTES", "0"],
  ["SESSION_TOTAL_MINUTES", "0.000001"],
  ["SESSION_IDLE_MINUTES", "-5"],
  ["SESSION_MOST_MINUTES", "four hours"],
  ["SESSION_MOST_MINUTES", "1e3"],
  ["SESSION_MOST_MINUTES", "Infinity"],
  ["SESSION_IDLE_MINUTES", "60m"],
  ["SESSION_TOTAL_MINUTES", "99999999"],
])("refuses %s of %j by its name", (name, text) => {
  const { lengths, problem } = readSessionLengths({ [name]: text });
  expect(lengths).toBeNull();
  expect(problem).toContain(`${name} is "${text}"`);
});

it.each([
  [{ SESSION_IDLE_MINUTES: "10", SESSION_TOTAL_MINUTES: "5" }, "SESSION_IDLE_MINUTES is more"],
  [{ SESSION_IDLE_MINUTES: "300" }, "SESSION_IDLE_MINUTES is more"],
  [{ SESSION_TOTAL_MINUTES: "10", SESSION_MOST_MINUTES: "5" }, "SESSION_TOTAL_MINUTES is more"],
])("refuses %j, which contradicts itself", (texts, problem) => {
  expect(readSessionLengths(texts).problem).toContain(problem);
});
