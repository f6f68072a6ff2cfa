// What the object notes on its sockets: it outlives hibernation with them, and needs no storage.

import type { TerminalSummary } from "#wire/session.ts";
import type { MarkCount, Share } from "./share.ts";
import { recountAfterSleep, type Unread } from "./unread.ts";
import type { Viewer } from "./viewer.ts";

export type BrowserAttachment = {
  kind: "browser";
  openedAt: number;
  session: string;
  /** Which sign-in opened it: the socket ends with it. */
  signIn: string;
  connection: number;
  /** By terminal number. */
  viewers: Record<number, Viewer>;
  unread: Unread;
  /** What it sent towards the present data socket. */
  share: Share;
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
  /** Opens in this generation whose browser left before they were answered. */
  orphanedOpens: number;
  /** By terminal, the instance that a learner closed last: an open that crossed its end does not bring it back. */
  closed: Record<number, string>;
  unread: Unread;
  marks: MarkCount;
  /** When the session was last noted as active: what its stored state may not say yet. */
  activeAt: number;
};

/** A socket that was replaced, refused or ended, until it is gone: nothing it says counts. What it did not read is held as long. */
export type OverAttachment = { kind: "over"; unreadBytes: number };

export type Attachment = BrowserAttachment | DataAttachment | OverAttachment;

/** Makes up for what was not stored before memory was lost. */
export function recall(attachment: BrowserAttachment | DataAttachment): void {
  recountAfterSleep(attachment.unread);
  if (attachment.kind === "data") return;
  for (const viewer of Object.values(attachment.viewers)) if (viewer.flow === "live") viewer.isStale = true;
}
