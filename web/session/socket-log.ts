// What the page's own session socket went through lately, for the connection doctor: its state and its last ends.

import type { ConnectionState } from "./connection.ts";

const ENDS_KEPT = 8;

export type SocketEnd = {
  at: number;
  /** As the browser tells it; null where this page gave the socket up because nothing came. */
  code: number | null;
};

export type SocketLog = { state: ConnectionState["name"] | "none"; since: number; ends: readonly SocketEnd[] };

let log: SocketLog = { state: "none", since: 0, ends: [] };

export function noteSocketState(state: ConnectionState["name"], now: number): void {
  if (state !== log.state) log = { ...log, state, since: now };
}

export function noteSocketEnd(end: SocketEnd): void {
  log = { ...log, ends: [...log.ends, end].slice(-ENDS_KEPT) };
}

export const readSocketLog = (): SocketLog => log;
