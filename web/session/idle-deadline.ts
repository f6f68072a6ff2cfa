// When a session ends for want of use, as this page knows it: told by the edge, and moved on at once by what is typed here.

import { limits } from "#wire/limits.ts";
import type { Session } from "#wire/session.ts";

/** Times are the edge's, in epoch milliseconds. */
export class IdleDeadline {
  #idleMs: number = limits.sessionIdleMs;
  #told = Number.NEGATIVE_INFINITY;
  #movedTo = Number.NEGATIVE_INFINITY;
  #movedAt = Number.NEGATIVE_INFINITY;

  /** How long the session may lie unused, as far as what was told lets it be known. */
  get idleMs(): number {
    return this.#idleMs;
  }

  /** The session that the edge tells. What it said before it can have heard of typing here does not take that back. */
  tell(session: Session, now: number): Session {
    const { idleAt, createdAt } = session;
    const isAwaited = now - this.#movedAt < limits.browserSilenceMs;
    const isFirst = this.#told === Number.NEGATIVE_INFINITY;
    const hasMoved = idleAt > this.#told;
    this.#told = idleAt;
    if (isAwaited && !hasMoved) return idleAt < this.#movedTo ? { ...session, idleAt: this.#movedTo } : session;
    if (isFirst && now - createdAt < limits.activityNoteEveryMs) this.#idleMs = idleAt - createdAt;
    // The edge has just noted what was typed here.
    else if (isAwaited) this.#idleMs = idleAt - now;
    else this.#idleMs = Math.max(this.#idleMs, idleAt - now);
    return session;
  }

  /** Input goes out: the deadline from then on, or null while it is the same to the precision that the edge notes it with. */
  use(idleAt: number, now: number): number | null {
    const next = now + this.#idleMs;
    if (next - idleAt < Math.min(limits.activityNoteEveryMs, this.#idleMs / 4)) return null;
    this.#movedTo = next;
    this.#movedAt = now;
    return next;
  }
}
