// One connection's view of one terminal: which output it gets, and how much of it may be out unacknowledged; pure.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";

/** The most that an honest agent has out to one viewer: its window, and the one frame that takes it out of the live flow. */
const OUT_BYTES_MAX = limits.creditWindowBytes + limits.creditSlackBytes;
/** What of its acknowledgements hibernation may forget: with that one frame it stays within the slack. */
const FORGOTTEN_BYTES_MAX = limits.creditSlackBytes - limits.terminalFrameBytes;

/**
 * `waiting`: nothing is for it until its open is answered. `replay`: what is addressed to it, and from where that meets the
 * live flow, what is for all. `live`: what is for all. `behind`: what is addressed to it, and nothing else before that.
 */
type Flow = "waiting" | "replay" | "live" | "behind";

/**
 * Good for one agent generation only. `acked` is never less than the agent can have it: acknowledgements are forwarded as
 * they are counted here. `isStale`: `sent` and `acked` of a live viewer are those before hibernation.
 */
export type Viewer = {
  generation: number;
  /** Which one it watches, or watched last. */
  instance: string | null;
  flow: Flow;
  sent: number;
  acked: number;
  opensPending: number;
  /** Acknowledged, in so many acks, while an open was pending: the agent may come to them after that open. */
  ackedMeanwhile: number;
  acksMeanwhile: number;
  storedAcked: number;
  isStale: boolean;
};

type Opened = { instance: string; offset: number; end: number };

export type Passage = "forward" | "pass" | CloseName;

export function newViewer(generation: number): Viewer {
  const none = { sent: 0, acked: 0, ackedMeanwhile: 0, acksMeanwhile: 0, storedAcked: 0 };
  return { generation, instance: null, flow: "waiting", opensPending: 0, ...none, isStale: false };
}

export function noteOpen(viewer: Viewer): void {
  if (viewer.opensPending === 0) viewer.ackedMeanwhile = viewer.acksMeanwhile = 0;
  viewer.opensPending += 1;
  viewer.flow = "waiting";
}

/** This instance runs in the terminal: who watched another one watches nothing. Answers whether that ended something. */
export function leaveOthers(viewer: Viewer, instance: string): boolean {
  if (viewer.flow === "waiting" || viewer.instance === instance) return false;
  viewer.flow = "waiting";
  return true;
}

/** Answers what is to be forwarded: nothing is acknowledged that was not sent. */
export function noteAck(viewer: Viewer, offset: number): number {
  const sentMost = viewer.isStale ? Math.max(viewer.sent, viewer.acked + OUT_BYTES_MAX) : viewer.sent;
  const taken = Math.min(offset, sentMost);
  viewer.acked = Math.max(viewer.acked, taken);
  if (viewer.opensPending > 0) {
    viewer.ackedMeanwhile = Math.max(viewer.ackedMeanwhile, taken);
    viewer.acksMeanwhile += 1;
  }
  return taken;
}

/** Whether hibernation would forget too much of what was acknowledged: while an open is pending, any of it may be the whole window. */
export function mustStoreAck(viewer: Viewer): boolean {
  if (viewer.opensPending === 0 && viewer.acked - viewer.storedAcked <= FORGOTTEN_BYTES_MAX) return false;
  viewer.storedAcked = viewer.acked;
  return true;
}

/** False when nobody asked for it. */
export function takeOpened(viewer: Viewer, { instance, offset, end }: Opened): boolean {
  if (viewer.opensPending === 0 || end < offset) return false;
  viewer.opensPending -= 1;
  viewer.instance = instance;
  viewer.flow = "replay";
  viewer.sent = offset;
  viewer.isStale = false;
  viewer.acked = Math.max(offset, Math.min(viewer.ackedMeanwhile, offset + viewer.acksMeanwhile * OUT_BYTES_MAX));
  viewer.storedAcked = viewer.acked;
  return true;
}

/** False when nobody asked for it. */
export function takeOpenFailed(viewer: Viewer): boolean {
  if (viewer.opensPending === 0) return false;
  viewer.opensPending -= 1;
  return true;
}

/** Output was skipped: what was under way still counts. */
export function takeTruncated(viewer: Viewer, offset: number): Passage {
  if (viewer.flow === "waiting") return "pass";
  if (offset < viewer.sent) return "bad_message";
  const underWay = Math.max(0, viewer.sent - viewer.acked);
  viewer.sent = offset;
  viewer.acked = Math.max(viewer.acked, offset - underWay);
  viewer.flow = "replay";
  return "forward";
}

export function takeBehind(viewer: Viewer, offset: number): Passage {
  if (viewer.flow === "waiting") return "pass";
  if (viewer.flow !== "live" || (viewer.isStale ? offset < viewer.sent : offset !== viewer.sent)) return "bad_message";
  viewer.flow = "behind";
  viewer.sent = offset;
  viewer.isStale = false;
  return "forward";
}

/** Output for all live viewers. */
export function takeLive(viewer: Viewer, offset: number, end: number): Passage {
  switch (viewer.flow) {
    case "waiting":
    case "behind":
      return "pass";
    case "replay":
      if (offset !== viewer.sent) return "pass";
      viewer.flow = "live";
      return advance(viewer, end);
    case "live":
      return offset < viewer.sent ? "bad_message" : advance(viewer, end);
    default:
      return viewer.flow satisfies never;
  }
}

/** Output for this viewer alone. */
export function takeAddressed(viewer: Viewer, offset: number, end: number): Passage {
  if (viewer.flow === "waiting") return "pass";
  if (offset < viewer.sent) return "bad_message";
  viewer.flow = "replay";
  return advance(viewer, end);
}

function advance(viewer: Viewer, end: number): Passage {
  viewer.sent = end;
  viewer.isStale = false;
  return end - viewer.acked > OUT_BYTES_MAX ? "credit_exceeded" : "forward";
}

/** A viewer counts only in the agent generation that it was opened in. */
export function currentViewer(
  viewers: Readonly<Record<number, Viewer>>,
  terminal: number,
  generation: number | null,
): Viewer | null {
  const viewer = viewers[terminal];
  return viewer !== undefined && viewer.generation === generation ? viewer : null;
}
