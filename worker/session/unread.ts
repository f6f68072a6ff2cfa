// Counts what was sent on a socket and is not proved to be read (decision 0007); pure: knows no socket and no clock.

import { limits } from "#wire/limits.ts";

/** What a frame waiting in a queue costs beside its bytes: a flood of one-byte frames must not pass for little. */
export const FRAME_COST_BYTES = 128;
/** A count outlives hibernation to within this much, so that a keystroke stores nothing. */
export const SAVE_EVERY_BYTES = 64 * 1024;

/** A mark that is out; `bytes` were sent since the one before, itself included. */
type MarkOut = { mark: number; bytes: number; sentAt: number };
export type Unread = { bytes: number; sinceMark: number; marks: MarkOut[] };

export function nothingUnread(): Unread {
  return { bytes: 0, sinceMark: 0, marks: [] };
}

/** What a frame of so many bytes counts. */
export function costOf(bytes: number): number {
  return bytes + FRAME_COST_BYTES;
}

export function noteSent(unread: Unread, bytes: number): void {
  const cost = costOf(bytes);
  unread.bytes += cost;
  unread.sinceMark += cost;
}

export function isMarkDue({ sinceMark }: Unread): boolean {
  return sinceMark >= limits.markEveryBytes;
}

/** The mark was sent last. */
export function noteMark(unread: Unread, mark: number, now: number): void {
  unread.marks.push({ mark, bytes: unread.sinceMark, sentAt: now });
  unread.sinceMark = 0;
}

/** Answers how many marks this proves: 0 when it is not out (made up, repeated, or older than one returned before). */
export function noteRead(unread: Unread, mark: number): number {
  const proved = unread.marks.findIndex((out) => out.mark === mark) + 1;
  for (const { bytes } of unread.marks.splice(0, proved)) unread.bytes -= bytes;
  return proved;
}

/** True when the oldest mark is out for longer than `readMs`. */
export function isOverdue({ marks }: Unread, readMs: number, now: number): boolean {
  const [oldest] = marks;
  return oldest !== undefined && now - oldest.sentAt > readMs;
}

/** After hibernation: what was sent since the count was stored is taken for as much as it can be. An earlier mark is all that costs. */
export function recountAfterSleep(unread: Unread): void {
  unread.bytes += SAVE_EVERY_BYTES;
  unread.sinceMark += SAVE_EVERY_BYTES;
}

/** Which of a session's browser sockets is to go, by what each has unread; null while all together are within bounds. */
export function findFurthestBehind(unread: readonly number[]): number | null {
  let sum = 0;
  let furthest = 0;
  for (const [index, bytes] of unread.entries()) {
    sum += bytes;
    if (bytes > (unread[furthest] ?? 0)) furthest = index;
  }
  return sum > limits.sessionUnreadBytes ? furthest : null;
}
