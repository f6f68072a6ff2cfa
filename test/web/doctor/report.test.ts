// Shows what the doctor sums up and what it writes for a teacher.

import { describe, expect, it, vi } from "vitest";
import { describeClock, readBrowserFacts } from "../../../web/doctor/browser-facts.ts";
import { type Findings, noFindings, readLines, summarize } from "../../../web/doctor/finding.ts";
import { writeReport } from "../../../web/doctor/report.ts";

const ok = { status: "ok", value: "12 ms" } as const;
const allOk: Findings = {
  http: ok,
  sign_in: ok,
  session: ok,
  socket: ok,
  binary: ok,
  edge: ok,
  host: ok,
  container: ok,
};
const failed = { status: "failed", value: "no answer", advice: "Try another network." } as const;
const slow = { status: "slow", value: "900 ms", advice: "Try a cable." } as const;
const skipped = { status: "skipped", value: "no lab", advice: "Start a lab." } as const;
const NOW = Date.UTC(2026, 10, 21, 16, 5, 9);

describe("the summary", () => {
  it.each([
    [noFindings, "busy", "Looking at each part of the way"],
    [{ ...allOk, container: noFindings.container }, "busy", "Looking at each part of the way"],
    [allOk, "good", "Everything works"],
    [{ ...allOk, host: skipped }, "good", "Everything that could be looked at works"],
    [{ ...allOk, edge: slow }, "warning", "Everything answers, 1 part slowly"],
    [{ ...allOk, edge: slow, host: failed }, "bad", "1 part does not work. Start at “Round trip to the runner host”."],
    [{ ...allOk, socket: failed, host: failed }, "bad", "2 parts do not work. Start at “A WebSocket opens”."],
  ] as const)("of %# is %s: %s", (findings, tone, text) => {
    expect(summarize(findings)).toEqual({ tone, text });
  });
});

it("writes a report that a teacher can read", () => {
  const log = {
    state: "open",
    since: NOW - 60_000,
    ends: [
      { at: NOW - 70_000, code: 1006 },
      { at: NOW - 65_000, code: 4458 },
      { at: NOW - 61_000, code: null },
    ],
  } as const;
  const facts = [{ name: "Signed in as", value: "ada" }];
  expect(writeReport({ ...allOk, binary: failed, host: skipped }, log, facts, NOW)).toBe(
    `Berth connection report
2026-11-21 16:05:09 UTC
1 part does not work. Start at “Binary frames pass both ways”.

[ok]     Berth answers: 12 ms
[ok]     You are signed in: 12 ms
[ok]     Your lab: 12 ms
[ok]     A WebSocket opens: 12 ms
[FAILED] Binary frames pass both ways: no answer
         Try another network.
[ok]     Round trip to Berth’s edge: 12 ms
[--]     Round trip to the runner host: no lab
         Start a lab.
[ok]     Round trip to your container: 12 ms

This page’s own connection (UTC)
  open since 16:04:09
  16:04:08 given up: nothing was heard
  16:04:04 closed with 4458 (not reading)
  16:03:59 closed with 1006 (cut)

This browser
  Signed in as: ada
`,
  );
});

it("says once what several lines advise, at the first of them", () => {
  const lines = readLines({
    ...allOk,
    session: skipped,
    binary: skipped,
    edge: slow,
    host: skipped,
    container: skipped,
  });
  expect(lines.flatMap(({ name, advice }) => (advice === null ? [] : [[name, advice]]))).toEqual([
    ["session", "Start a lab."],
    ["edge", "Try a cable."],
  ]);
});

it("leaves out a clock that nothing tells", () => {
  vi.stubGlobal("document", { visibilityState: "visible" });
  vi.stubGlobal("location", { origin: "http://berth.test" });
  const names = (clock: string | null) => readBrowserFacts(clock).map(({ name }) => name);
  expect(names("as the edge’s")).toContain("Clock");
  expect(names(null)).not.toContain("Clock");
  vi.unstubAllGlobals();
});

describe("this machine's clock", () => {
  const at = (edgeTime: number | null) => [{ name: "answered", status: 200, ms: 5, edgeTime } as const];
  it.each([
    [at(NOW - 900), "as the edge’s"],
    [at(NOW - 40_000), "40 s ahead of the edge’s"],
    [at(NOW + 3_600_000), "3600 s behind the edge’s"],
    [at(null), null],
    [[{ name: "silent" } as const], null],
  ])("%# is %s", (answers, told) => {
    expect(describeClock(answers, NOW)).toBe(told);
  });
});
