// Whether a session gets more time when its learner asks for it, and how much; pure.

import { limits } from "#wire/limits.ts";
import { extendableAt, type KeptTimes } from "./session-times.ts";

/** A wish repeated within this is the same wish: a double click, or a request sent again after a cut. */
const SAME_WISH_MS = 10_000;

/** `enough`: it lasts as long as an extension would make it, or was extended by this very wish. */
export type Extension = "given" | "enough" | "extended_lately" | "cannot_extend";

export function judgeExtension(state: KeptTimes, now: number): Extension {
  const { extendedAt, expiresAt } = state;
  if (extendedAt !== null && Math.abs(now - extendedAt) < SAME_WISH_MS) return "enough";
  const at = extendableAt(state);
  if (at === null) return "cannot_extend";
  if (now >= at) return "given";
  return now < expiresAt - limits.extendByMs ? "enough" : "extended_lately";
}

/** The same state when nothing is given; an asking learner is there all the same, which is noted apart. */
export function extend<S extends KeptTimes>(state: S, now: number): S {
  if (judgeExtension(state, now) !== "given") return state;
  const expiresAt = Math.max(state.expiresAt, Math.min(state.mostAt, now + limits.extendByMs));
  return { ...state, expiresAt, extendedAt: now, lastActiveAt: now };
}
