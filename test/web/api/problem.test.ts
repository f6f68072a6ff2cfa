// Shows what the page makes of refusals, of answers that are none of ours, and of the edge's clock.

import { expect, it } from "vitest";
import { noteEdgeDate, readEdgeTime } from "../../../web/api/edge-clock.ts";
import { readBlockingChallenge } from "../../../web/api/mutations.ts";
import { describeProblem, offlineProblem, readProblem } from "../../../web/api/problem.ts";

const blocked = {
  status: 409,
  code: "exit_current_challenge",
  title: "Exit the current challenge first",
  detail: "End it.",
};

it("reads a problem document with its code and members", () => {
  const problem = readProblem(409, { ...blocked, currentChallenge: "first-image" });
  expect(problem).toMatchObject({ code: "exit_current_challenge", message: "End it." });
  expect(readBlockingChallenge(problem)).toBe("first-image");
});

it.each([
  ["another refusal", readProblem(404, { ...blocked, code: "session_not_found", currentChallenge: "first-image" })],
  ["a refusal that names none", readProblem(409, blocked)],
  ["no network", offlineProblem()],
  ["nothing", null],
])("finds no challenge in the way in %s", (_, error) => {
  expect(readBlockingChallenge(error)).toBeNull();
});

it.each([null, "<html>", 5, {}, { code: 7 }])("takes %j for an answer that is none of ours", (body) => {
  expect(readProblem(502, body)).toMatchObject({ code: "unreadable" });
  expect(describeProblem(readProblem(502, body)).detail).toContain("502");
});

it("counts by the edge's clock once it differs by more than travel", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  noteEdgeDate("Sat, 21 Nov 2026 12:03:00 GMT", now);
  expect(readEdgeTime(now)).toBe(now + 180_000);
  noteEdgeDate(null, now);
  noteEdgeDate("not a date", now);
  expect(readEdgeTime(now)).toBe(now + 180_000);
  noteEdgeDate("Sat, 21 Nov 2026 12:00:01 GMT", now);
  expect(readEdgeTime(now)).toBe(now);
});
