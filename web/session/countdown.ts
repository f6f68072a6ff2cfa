// How much time a session has left and which rule takes it, as the page counts it.

import { limits } from "#wire/limits.ts";
import { type SessionDeadline, sessionDeadline, type SessionTimes } from "#wire/session-deadline.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `near` and `last` are the two warnings that an ending is told by. */
export type CountdownLevel = "far" | "near" | "last";
export type Countdown = { deadline: SessionDeadline; level: CountdownLevel; text: string };

/** Of a short time no more than this part is spent warning, as the edge has it. */
const WARNED_PART_MOST = 1 / 2;

/** When it ends however much it is used. */
export function latestEnd(times: SessionTimes): SessionDeadline {
  return sessionDeadline({ ...times, idleAt: Number.POSITIVE_INFINITY });
}

/**
 * Counts to the latest end, and to the idle one only once that comes close: whoever works would see it leap with every key.
 * `idleMs` is how long a session may lie unused, `now` the edge's time.
 */
export function readCountdown(times: SessionTimes & { createdAt: number }, idleMs: number, now: number): Countdown {
  const first = sessionDeadline(times);
  const isIdle = first.rule === "idle" && first.at - now <= warnedMs(limits.firstWarningMs, idleMs);
  const deadline = isIdle ? first : latestEnd(times);
  const leftMs = deadline.at - now;
  const wholeMs = isIdle ? idleMs : deadline.at - times.createdAt;
  return {
    deadline,
    level:
      leftMs <= warnedMs(limits.lastWarningMs, wholeMs)
        ? "last"
        : leftMs <= warnedMs(limits.firstWarningMs, wholeMs)
          ? "near"
          : "far",
    text: leftMs <= 0 ? "Ending" : `${isIdle ? "Idle, " : ""}${describeTimeLeft(leftMs)}`,
  };
}

function warnedMs(beforeMs: number, wholeMs: number): number {
  return Math.min(beforeMs, wholeMs * WARNED_PART_MOST);
}

/** Precise only when that matters. */
export function describeTimeLeft(leftMs: number): string {
  const minutes = Math.floor(leftMs / MINUTE);
  if (leftMs >= HOUR) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min left`;
  if (leftMs > limits.firstWarningMs) return `${minutes} min left`;
  const seconds = Math.floor((leftMs % MINUTE) / SECOND);
  return `${minutes}:${String(seconds).padStart(2, "0")} left`;
}

/** What is to be known of a session's end while it is far away, by whom it concerns; `clock` names a time of day. */
export function describeLengths(times: SessionTimes, clock: (at: number) => string): string[] {
  const { idleAt, mostAt } = times;
  const latest = latestEnd(times);
  const sentences: string[] = [];
  if (idleAt < latest.at)
    sentences.push(`Sooner, at ${clock(idleAt)}, if nobody types and no program runs in a terminal until then.`);
  sentences.push(
    latest.rule === "most"
      ? "That is the longest time that a session may take: it cannot be extended."
      : `However often it is extended, it ends at ${clock(mostAt)}.`,
  );
  return sentences;
}

export type Extendability = { isPossible: boolean; reason: string };

/** Whether the session can be extended now and, if not, why not and from when on; null: never again. */
export function describeExtendability(
  extendableAt: number | null,
  now: number,
  clock: (at: number) => string,
): Extendability | null {
  if (extendableAt === null) return null;
  if (extendableAt <= now) return { isPossible: true, reason: "" };
  return { isPossible: false, reason: `It can be extended from ${clock(extendableAt)} on.` };
}
