// Shows how the page knows when a session ends unused: from the edge, from what is typed here, and which of both it believes.

import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import type { Session } from "#wire/session.ts";
import { IdleDeadline } from "../../../web/session/idle-deadline.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const session: Session = {
  id: `s_${"a".repeat(26)}`,
  epoch: 1,
  state: "ready",
  challengeId: "first-image",
  host: null,
  reachable: true,
  createdAt: 0,
  idleAt: 20 * MINUTE,
  expiresAt: 240 * MINUTE,
  mostAt: 480 * MINUTE,
  extendableAt: null,
  terminals: [],
};

describe("typing here", () => {
  it("moves the deadline at once, and again only once it is worth a note", () => {
    const idle = new IdleDeadline();
    idle.tell(session, 0);
    const moved = idle.use(session.idleAt, 5 * MINUTE);
    expect(moved).toBe(25 * MINUTE);
    expect(idle.use(25 * MINUTE, 5 * MINUTE + limits.activityNoteEveryMs - 1)).toBeNull();
    expect(idle.use(25 * MINUTE, 6 * MINUTE)).toBe(26 * MINUTE);
  });

  it("is not taken back by what the edge said before it heard of it", () => {
    const idle = new IdleDeadline();
    idle.tell(session, 0);
    idle.use(session.idleAt, 15 * MINUTE);
    expect(idle.tell(session, 15 * MINUTE + SECOND).idleAt).toBe(35 * MINUTE);
  });

  it("is taken back when the edge never heard of it", () => {
    const idle = new IdleDeadline();
    idle.tell(session, 0);
    idle.use(session.idleAt, 15 * MINUTE);
    expect(idle.tell(session, 15 * MINUTE + limits.browserSilenceMs).idleAt).toBe(session.idleAt);
  });

  it("in a page that came late counts as the usual time until the edge corrects it", () => {
    const idle = new IdleDeadline();
    idle.tell(session, 15 * MINUTE);
    expect(idle.use(session.idleAt, 15 * MINUTE)).toBe(15 * MINUTE + limits.sessionIdleMs);
    expect(idle.tell({ ...session, idleAt: 35 * MINUTE }, 15 * MINUTE).idleAt).toBe(35 * MINUTE);
    expect(idle.idleMs).toBe(20 * MINUTE);
  });
});

describe("the edge", () => {
  it("tells of a new session how long it may lie unused", () => {
    const idle = new IdleDeadline();
    idle.tell(session, SECOND);
    expect(idle.idleMs).toBe(20 * MINUTE);
  });

  it("is believed about use elsewhere, and that shortens nothing", () => {
    const idle = new IdleDeadline();
    idle.tell(session, 0);
    expect(idle.tell({ ...session, idleAt: 30 * MINUTE }, 15 * MINUTE).idleAt).toBe(30 * MINUTE);
    expect(idle.idleMs).toBe(20 * MINUTE);
  });
});
