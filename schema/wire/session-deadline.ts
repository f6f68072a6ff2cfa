// When a session ends by itself and by which rule: one function for the edge's alarm, the page's countdown and the sentence about it.

import { limits } from "./limits.ts";

const MINUTE_MS = 60_000;

/** All in epoch milliseconds. */
export type SessionTimes = {
  /** When it ends if nothing counts as activity until then. */
  idleAt: number;
  /** When it ends whatever happens, unless it is extended. */
  expiresAt: number;
  /** Beyond this nothing extends it. */
  mostAt: number;
};

/** `idle`: nobody used it. `total`: its time is over, and it can be extended. `most`: its time is over for good. */
export type DeadlineRule = "idle" | "total" | "most";
export type SessionDeadline = { at: number; rule: DeadlineRule };

/** The first rule that will end the session. */
export function sessionDeadline({ idleAt, expiresAt, mostAt }: SessionTimes): SessionDeadline {
  const total: SessionDeadline = expiresAt < mostAt ? { at: expiresAt, rule: "total" } : { at: mostAt, rule: "most" };
  return idleAt < total.at ? { at: idleAt, rule: "idle" } : total;
}

/** What a learner is told in the page and in the terminal, `now` in epoch milliseconds. */
export function deadlineSentence({ at, rule }: SessionDeadline, now: number): string {
  const left = describeLeft(at - now);
  switch (rule) {
    case "idle":
      return `Nobody has used this session for a while: it ends in ${left} unless you type or a program runs in a terminal.`;
    case "total":
      return `This session ends in ${left}. You can extend it.`;
    case "most":
      return `This session ends in ${left}: it has reached the longest time that a session may take, and cannot be extended.`;
    default:
      return rule satisfies never;
  }
}

/** How soon before its end a session is warned of it, latest first. */
export const warningsBeforeMs: readonly number[] = [limits.firstWarningMs, limits.lastWarningMs];

function describeLeft(leftMs: number): string {
  if (leftMs <= MINUTE_MS) return "less than a minute";
  if (leftMs < 1.5 * MINUTE_MS) return "about a minute";
  const minutes = Math.ceil(leftMs / MINUTE_MS);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
