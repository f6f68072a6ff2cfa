// What a host may offer after its self-test, and how it is told.

import { describe, expect, it } from "vitest";
import {
  type CheckResult,
  describeOffer,
  describeResult,
  offerOf,
  parseReport,
} from "../../../runner-host/self-test/report.ts";

const passed: CheckResult = { name: "memory", need: "sessions", status: "pass", message: "It was held." };
const docker: CheckResult = { name: "Docker", need: "images", status: "fail", message: "No image could be built." };
const pause: CheckResult = { name: "pause", need: "pausing", status: "fail", message: "It went on." };

describe("the report of a self-test", () => {
  it("offers everything when all passed", () => {
    const report = { results: [passed] };
    expect(offerOf(report)).toEqual({ sessions: true, images: true, pausing: true });
    expect(describeOffer(report)).toBe("All 1 checks passed.");
  });

  it("takes away what a failed check is needed for, and says why", () => {
    const report = { results: [passed, docker, pause] };
    expect(offerOf(report)).toEqual({ sessions: true, images: false, pausing: false });
    expect(describeOffer(report)).toBe(
      "This machine can hold sessions, but does not offer challenges that need Docker and rest for idle sessions: Docker (No image could be built); pause (It went on).",
    );
  });

  it("offers nothing when a session would not be confined", () => {
    const report = { results: [{ ...passed, status: "fail" as const }, docker] };
    expect(offerOf(report).sessions).toBe(false);
    expect(describeOffer(report)).toContain("cannot hold sessions");
  });

  it("tells each check in a line of its own", () => {
    expect([passed, pause].map(describeResult)).toEqual(["ok    memory: It was held.", "FAIL  pause: It went on."]);
  });

  it("is not read from a file that holds anything else", () => {
    expect(parseReport(JSON.stringify({ results: [passed] }))).toEqual({ results: [passed] });
    expect(parseReport(JSON.stringify({ results: [] }))).toBe(null);
    expect(parseReport(JSON.stringify({ results: [{ ...passed, status: "skipped" }] }))).toBe(null);
    for (const text of ["", "{", '{"results":[{"name":"mem', "null", "\u0000\u0000"])
      expect(parseReport(text)).toBe(null);
  });
});
