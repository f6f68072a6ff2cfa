// Counts one browser's share of what the host is not proved to have read, by the marks between; pure.

import { limits } from "#wire/limits.ts";

/** Bytes by the number of marks that had been sent on the data socket before them; good for one data socket. */
export type Share = { after: number; bytes: number }[];

/** Where the marks of a data socket stand: how many were sent, and how many of them came back. */
export type MarkCount = { sent: number; read: number };

/** Notes that `bytes` are about to be forwarded; false when too much of this browser's waits already. */
export function noteForwarded(share: Share, marks: MarkCount, bytes: number): boolean {
  while (share[0] !== undefined && share[0].after < marks.read) share.shift();
  let waiting = bytes;
  for (const part of share) waiting += part.bytes;
  if (waiting > limits.browserUnansweredBytes) return false;
  const last = share.at(-1);
  if (last?.after === marks.sent) last.bytes += bytes;
  else share.push({ after: marks.sent, bytes });
  return true;
}
