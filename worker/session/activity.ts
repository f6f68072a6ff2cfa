// What keeps a session from ending unused: when it was last active, noted seldom enough to be no write for each key; pure.

import { limits } from "#wire/limits.ts";
import type { KeptTimes } from "./session-times.ts";

/** A short idle time is noted more often: the note must be small beside it. */
const NOTES_PER_IDLE_TIME = 4;

/** The same state while the last note is good enough. A clock that went back is noted at once. */
export function noteActive<S extends KeptTimes>(state: S, now: number): S {
  const noteEveryMs = Math.min(limits.activityNoteEveryMs, state.idleMs / NOTES_PER_IDLE_TIME);
  const sinceMs = now - state.lastActiveAt;
  return sinceMs >= 0 && sinceMs < noteEveryMs ? state : { ...state, lastActiveAt: now };
}

/** Whether a note made now is too much to lose with an object's memory until its next look at its host. */
export function isLongAfter({ lastActiveAt }: KeptTimes, now: number): boolean {
  return now - lastActiveAt > limits.hostWatchEveryMs;
}
