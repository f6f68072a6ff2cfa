// The edge's time as this page knows it: a reader's clock may be minutes off, and sessions end by the edge's.

/** HTTP tells whole seconds and travels: less than this is no difference. */
const TOLERANCE_MS = 5_000;

let aheadMs = 0;

/** `date` is the Date header of an answer that arrived at `now`. */
export function noteEdgeDate(date: string | null, now: number): void {
  const edgeNow = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(edgeNow)) return;
  aheadMs = Math.abs(edgeNow - now) < TOLERANCE_MS ? 0 : edgeNow - now;
}

/** The edge's time when this machine's clock says `now`. */
export function readEdgeTime(now: number): number {
  return now + aheadMs;
}
