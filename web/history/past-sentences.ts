// The words of the history page: how a session ended and how long it lasted.

import type { EndCode } from "#wire/session.ts";
import type { PastEnd } from "./past-sessions.ts";

const MINUTE = 60_000;

export type PastTone = "open" | "quiet" | "bad";

const ends: Record<EndCode, { tone: PastTone; name: string }> = {
  ended_by_learner: { tone: "quiet", name: "Ended by you" },
  total_time_over: { tone: "quiet", name: "Time was up" },
  idle_too_long: { tone: "quiet", name: "Ended unused" },
  no_runner_host: { tone: "bad", name: "Could not be placed" },
  container_failed: { tone: "bad", name: "Container failed" },
  start_timed_out: { tone: "bad", name: "Did not start" },
  starter_failed: { tone: "bad", name: "Files could not be laid" },
  container_lost: { tone: "bad", name: "Container lost" },
  host_lost: { tone: "bad", name: "Machine lost" },
};

/** `why` is the edge's sentence, "" where the name says it all. */
export function describePastEnd(end: PastEnd): { tone: PastTone; name: string; why: string } {
  switch (end.name) {
    case "open":
      return { tone: "open", name: "In progress", why: "" };
    case "unrecorded":
      return { tone: "quiet", name: "Ended", why: "How it ended is not recorded yet." };
    case "ended":
      return { ...ends[end.code], why: end.code === "ended_by_learner" ? "" : end.message };
  }
}

export function describeLength(ms: number): string {
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 1) return "under 1 min";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
