// What the object notes on its sockets: it outlives hibernation with them, and needs no storage.

import type { TerminalSummary } from "#wire/session.ts";

/**
 * One connection's view of one terminal, good for one agent generation only. `position` is the next byte it is to be sent:
 * null until `opened`, and no longer kept once it is live, when it gets whatever is addressed to all.
 */
export type Viewer = { generation: number; position: number | null; isLive: boolean };

export type BrowserAttachment = {
  kind: "browser";
  openedAt: number;
  session: string;
  /** Which sign-in opened it: the socket ends with it. */
  signIn: string;
  connection: number;
  /** By terminal number. */
  viewers: Record<number, Viewer>;
  /** Forwarded for it since the container last answered it. */
  unansweredBytes: number;
};

export type DataAttachment = {
  kind: "data";
  openedAt: number;
  session: string;
  epoch: number;
  host: string;
  isGreeted: boolean;
  /** Drawn anew each time the agent comes up; null while it is down. */
  generation: number | null;
  /** The last order to lay the starter: one per generation, so that a repeat never overwrites a learner's work. */
  lay: { generation: number; request: number } | null;
  terminals: TerminalSummary[];
  /** Connection numbers are not used again on one data socket, so a late answer never meets another viewer. */
  nextConnection: number;
  /** Forwarded on this socket since the container last answered any browser. */
  unansweredBytes: number;
};

/** A socket that was replaced, refused or ended, until it is gone: nothing it says counts. */
export type OverAttachment = { kind: "over" };

export type Attachment = BrowserAttachment | DataAttachment | OverAttachment;
