// Owns how far one stream of frames has come and what it may carry next: credit, coalescing, and what was overwritten under it.

import { limits } from "#wire/limits.ts";
import type { ReplayBuffer } from "./replay-buffer.ts";

/** Output that follows other output waits this long for more, unless it answers input. */
const COALESCE_MS = 4;

/** One credit-bound stream of frames; `sentAtMs` spaces partial frames. */
export type Flow = { sent: number; sentAtMs: number };
/** `isBehind`: it has left the live flow, and joins it again only after a frame of its own. */
export type Viewer = Flow & { acked: number; isLive: boolean; isBehind: boolean; knowsExit: boolean };

export function newViewer(offset: number, isLive: boolean): Viewer {
  return { sent: offset, acked: offset, sentAtMs: Number.NEGATIVE_INFINITY, isLive, isBehind: false, knowsExit: false };
}

/** What a flow may send now of what is before `target`, or the time at which a partial frame is due, or null when there is nothing or no credit. */
export function nextPayload(
  buffer: ReplayBuffer,
  flow: Flow,
  target: number,
  creditEnd: number,
  nowMs: number,
): Uint8Array | number | null {
  const pending = target - flow.sent;
  const length = Math.min(pending, creditEnd - flow.sent, limits.terminalFrameBytes);
  if (length <= 0) return null;
  const isPartial = length === pending && length < limits.terminalFrameBytes;
  if (isPartial && nowMs < flow.sentAtMs + COALESCE_MS) return flow.sentAtMs + COALESCE_MS;
  return buffer.view(flow.sent, length);
}

export function advance(flow: Flow, bytes: number, nowMs: number): void {
  flow.sent += bytes;
  flow.sentAtMs = nowMs;
}

/**
 * Moves a viewer over overwritten output to `start` once most of what it was sent is drawn; what is under way keeps counting
 * against its window. False while it must wait.
 */
export function skipLost(viewer: Viewer, start: number): boolean {
  const underWay = viewer.sent - viewer.acked;
  if (underWay > limits.creditWindowBytes / 2) return false;
  viewer.sent = start;
  viewer.acked = start - underWay;
  viewer.isBehind = false;
  return true;
}
