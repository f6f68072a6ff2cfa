// What the doctor measured, before it is judged.

import type { Session } from "#wire/session.ts";

export type HttpAnswer =
  | { name: "answered"; status: number; ms: number; edgeTime: number | null }
  /** Nothing answered: no network, no edge, or something between. */
  | { name: "silent" };

export type SessionAnswer =
  | { name: "session"; session: Session }
  | { name: "none" }
  | { name: "signed_out" }
  | { name: "unknown" };

export type SocketAnswer =
  | { name: "open"; ms: number }
  | { name: "closed"; code: number; ms: number }
  | { name: "silent" };

/** Round trips one after another, in milliseconds; null for one that did not come back in time. */
export type Trips = readonly (number | null)[];

export type BinaryAnswer = "returned" | "changed" | "lost";

export type Spread = { median: number; least: number; most: number; came: number; sent: number };

export function readSpread(trips: Trips): Spread | null {
  const came = trips.filter((ms) => ms !== null).toSorted((a, b) => a - b);
  const [least, most] = [came[0], came.at(-1)];
  const median = came[Math.floor(came.length / 2)];
  if (least === undefined || most === undefined || median === undefined) return null;
  return { median, least, most, came: came.length, sent: trips.length };
}

const round = (ms: number): string => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));

export function describeSpread({ median, least, most, came, sent }: Spread): string {
  const spread = sent === 1 ? "" : ` (${round(least)} to ${round(most)})`;
  return `${round(median)} ms${spread}${came === sent ? "" : `, ${sent - came} of ${sent} lost`}`;
}
