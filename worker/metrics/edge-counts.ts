// What this isolate has counted since it started: integers only, so that counting costs a keystroke nothing.

import type { CloseName } from "#wire/close-codes.ts";

/** `browser`: to learners' tabs; `data`: one per session, and `control`: one per runner host. */
export type Leg = "browser" | "data" | "control";

/** Frames and bytes that the objects were sent (`in`) and sent themselves (`out`). */
export type Traffic = { framesIn: number; bytesIn: number; framesOut: number; bytesOut: number };

/** `peer`: the other side closed it, or it was cut. */
export type CloseCause = CloseName | "peer";

const noTraffic = (): Traffic => ({ framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 });

export const edgeCounts = {
  constructed: { UserSession: 0, RunnerPool: 0, Catalog: 0 },
  accepted: { browser: 0, data: 0, control: 0 },
  closed: new Map<CloseCause, number>(),
  traffic: { browser: noTraffic(), data: noTraffic(), control: noTraffic() } satisfies Record<Leg, Traffic>,
  outbox: {
    /** What became of rows of history; what was stored and neither delivered nor parked waits. */
    rows: { stored: 0, delivered: 0, refused: 0, parked: 0, retried: 0 },
    /** Requests to the database, and by what it answered; `away`: nothing that counts. One that was begun and nothing else runs, or went with its object. */
    requests: { begun: 0, written: 0, refused: 0, away: 0 },
  },
};
export type EdgeCounts = typeof edgeCounts;

/** A text's bytes are counted as its characters, which differ only outside ASCII. */
export function countIn(traffic: Traffic, frame: string | ArrayBuffer): void {
  traffic.framesIn += 1;
  traffic.bytesIn += typeof frame === "string" ? frame.length : frame.byteLength;
}

export function countOut(traffic: Traffic, bytes: number): void {
  traffic.framesOut += 1;
  traffic.bytesOut += bytes;
}

export function countClose(cause: CloseCause): void {
  edgeCounts.closed.set(cause, (edgeCounts.closed.get(cause) ?? 0) + 1);
}
