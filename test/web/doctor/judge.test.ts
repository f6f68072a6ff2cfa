// Shows how each measure of the connection is judged, in a table for each part of the way.

import { describe, expect, it } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import type { Session } from "#wire/session.ts";
import type { Finding } from "../../../web/doctor/finding.ts";
import {
  judgeBinary,
  judgeHttp,
  judgeSession,
  judgeSignIn,
  judgeSocket,
  judgeTrips,
  skipBeyondSocket,
} from "../../../web/doctor/judge.ts";
import type { HttpAnswer, SessionAnswer, SocketAnswer } from "../../../web/doctor/measure.ts";

const session: Session = {
  id: "s_aaaaaaaaaaaaaaaaaaaaaaaaaa",
  epoch: 2,
  state: "ready",
  challengeId: "first-image",
  host: { id: "h_bbbbbbbbbbbbbbbbbbbbbbbbbb", region: "local" },
  reachable: true,
  createdAt: 0,
  idleAt: 1,
  expiresAt: 1,
  mostAt: 1,
  extendableAt: null,
  terminals: [],
};
const answered = (ms: number, status = 200): HttpAnswer => ({ name: "answered", status, ms, edgeTime: null });
const silent: HttpAnswer = { name: "silent" };
const lab = (change: Partial<Session>): SessionAnswer => ({ name: "session", session: { ...session, ...change } });
const read = (finding: Finding) => [finding.status, finding.status === "pending" ? "" : finding.value];

describe("HTTP", () => {
  it.each([
    ["quick answers", [answered(12), answered(10), answered(30)], true, "ok", "12 ms (10 to 30)"],
    ["late answers", [answered(1_500), answered(1_400)], true, "slow", "1500 ms (1400 to 1500)"],
    ["lost answers", [answered(20), silent], true, "slow", "20 ms (20 to 20), 1 of 2 lost"],
    ["refusals", [answered(5, 500)], true, "failed", "status 500"],
    ["silence", [silent, silent], true, "failed", "no answer"],
    ["a browser without network", [silent], false, "failed", "no network"],
  ] as const)("%s", (_, answers, isOnline, status, value) => {
    expect(read(judgeHttp(answers, isOnline))).toEqual([status, value]);
  });
});

describe("the sign-in", () => {
  it.each([
    [answered(8), "ada", "ok", "as ada, 8.0 ms"],
    [answered(8, 401), "ada", "failed", "signed out"],
    [answered(8, 503), null, "failed", "status 503"],
    [silent, "ada", "skipped", "not known"],
  ] as const)("%o of %s", (answer, login, status, value) => {
    expect(read(judgeSignIn(answer, login))).toEqual([status, value]);
  });
});

describe("the lab", () => {
  it.each([
    ["ready", lab({}), "ok", "ready, on bbbbbb (local), epoch 2"],
    ["starting", lab({ state: "starting", host: null, reachable: false }), "slow", "starting, no host yet, epoch 2"],
    ["cut off", lab({ reachable: false }), "failed", "ready, on bbbbbb (local), epoch 2, not reachable"],
    ["not running", { name: "none" }, "skipped", "not running"],
    ["of a reader who is signed out", { name: "signed_out" }, "skipped", "not known"],
    ["behind an edge that is away", { name: "unknown" }, "skipped", "not known"],
  ] as const)("%s", (_, answer, status, value) => {
    expect(read(judgeSession(answer))).toEqual([status, value]);
  });
});

describe("the socket", () => {
  const closed = (code: number): SocketAnswer => ({ name: "closed", code, ms: 40 });
  it.each([
    ["opens", { name: "open", ms: 40 }, true, "ok", "40 ms"],
    ["opens late", { name: "open", ms: 4_000 }, true, "slow", "4000 ms"],
    ["is never answered", { name: "silent" }, true, "failed", "no answer"],
    ["is cut by something between", closed(1006), true, "failed", "closed with 1006"],
    ["opens where there is no lab", closed(closeCodes.session_not_found.code), false, "ok", "40 ms, no lab to reach"],
    [
      "is refused to a reader who is signed out",
      closed(closeCodes.sign_in_required.code),
      true,
      "failed",
      "closed with 4401: sign in again",
    ],
  ] as const)("%s", (_, answer, hasSession, status, value) => {
    expect(read(judgeSocket(answer, hasSession))).toEqual([status, value]);
  });

  it.each(Object.entries(closeCodes))("closed with %s says what to do", (_, { code }) => {
    const finding = judgeSocket(closed(code), true);
    expect(finding.status).toBe("failed");
    expect("advice" in finding && finding.advice).toMatch(/\.$/);
  });
});

describe("binary frames", () => {
  it.each([
    [["returned", "returned"], "ok", "2 of 2 came back whole"],
    [["returned", "lost"], "slow", "1 of 2 lost"],
    [["lost", "lost"], "failed", "none came back"],
    [["returned", "changed"], "failed", "changed on the way"],
  ] as const)("%o", (answers, status, value) => {
    expect(read(judgeBinary(answers))).toEqual([status, value]);
  });
});

describe("round trips", () => {
  it.each([
    ["edge", [12, 11, 40], "ok", "12 ms (11 to 40)"],
    ["edge", [200, 210, 190], "slow", "200 ms (190 to 210)"],
    ["host", [190, 180], "ok", "190 ms (180 to 190)"],
    ["container", [12, null, 13], "slow", "13 ms (12 to 13), 1 of 3 lost"],
    ["container", [null, null], "failed", "no answer"],
    ["edge", [0.42], "ok", "0.4 ms"],
  ] as const)("to the %s of %o", (at, trips, status, value) => {
    expect(read(judgeTrips(at, trips))).toEqual([status, value]);
  });

  it.each([
    ["no lab runs", true, { name: "none" }, "needs a lab"],
    ["the socket did not open", false, lab({}), "not reached"],
    ["the lab is not ready", true, lab({ state: "starting" }), "not ready"],
  ] as const)("are not measured where %s", (_, isOpen, answer, value) => {
    expect(read(skipBeyondSocket(isOpen, answer))).toEqual(["skipped", value]);
  });
});
