// How long sessions last at an edge, read from its settings: minutes as text, fractions allowed.

import { limits } from "./limits.ts";

const MINUTE_MS = 60_000;
/** Beyond this a number is a mistake. */
const LONGEST_MINUTES = 31 * 24 * 60;

/** Ends by itself when nobody uses it, when its time is over, and, however often it is extended, after its longest time. */
export type SessionLengths = { idleMs: number; totalMs: number; mostMs: number };

/** The worker's bindings; the environment of `npm start` has them behind BERTH_. */
export const sessionLengthNames = ["SESSION_IDLE_MINUTES", "SESSION_TOTAL_MINUTES", "SESSION_MOST_MINUTES"] as const;
export type SessionLengthName = (typeof sessionLengthNames)[number];
export type SessionLengthTexts = { [N in SessionLengthName]?: string | undefined };

export type ReadLengths = { lengths: SessionLengths; problem: null } | { lengths: null; problem: string };

/** What is not set has its default, cut to what the others allow. `problem` is a sentence that names the setting. */
export function readSessionLengths(texts: SessionLengthTexts): ReadLengths {
  const given: { [N in SessionLengthName]?: number } = {};
  for (const name of sessionLengthNames) {
    const text = texts[name]?.trim() ?? "";
    if (text === "") continue;
    const minutes = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
    const ms = Math.round(minutes * MINUTE_MS);
    if (!(ms > 0 && minutes <= LONGEST_MINUTES)) {
      return refuse(`${name} is "${text}": give minutes, more than 0 and at most ${LONGEST_MINUTES}.`);
    }
    given[name] = ms;
  }
  const { SESSION_IDLE_MINUTES: idle, SESSION_TOTAL_MINUTES: total, SESSION_MOST_MINUTES: most } = given;
  const totalMs = total ?? Math.min(limits.sessionTotalMs, most ?? limits.sessionTotalMs);
  const mostMs = most ?? Math.max(limits.sessionMostMs, totalMs);
  const idleMs = idle ?? Math.min(limits.sessionIdleMs, totalMs);
  if (totalMs > mostMs) return refuse("SESSION_TOTAL_MINUTES is more than SESSION_MOST_MINUTES.");
  if (idleMs > totalMs) return refuse("SESSION_IDLE_MINUTES is more than a session lasts by SESSION_TOTAL_MINUTES.");
  return { lengths: { idleMs, totalMs, mostMs }, problem: null };
}

function refuse(problem: string): ReadLengths {
  return { lengths: null, problem };
}
