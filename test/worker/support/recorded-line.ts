// Ends of the relay that only record what they are told, and can sleep as a socket's attachment does.

import type { CloseName } from "#wire/close-codes.ts";
import {
  type Attachment,
  type BrowserAttachment,
  type DataAttachment,
  recall,
} from "../../../worker/session/attachment.ts";
import type { BrowserLine, DataLine, Line } from "../../../worker/session/line.ts";
import { nothingUnread } from "../../../worker/session/unread.ts";

class RecordedLine<A extends BrowserAttachment | DataAttachment, M> implements Line<A, M> {
  attachment: A;
  readonly told: M[] = [];
  readonly frames: Uint8Array[] = [];
  saves = 0;
  #stored: A;
  readonly #onSent: (sent: M | Uint8Array) => void;

  constructor(attachment: A, onSent: (sent: M | Uint8Array) => void = () => {}) {
    this.attachment = attachment;
    this.#stored = structuredClone(attachment);
    this.#onSent = onSent;
  }

  save(): void {
    this.saves++;
    this.#stored = structuredClone(this.attachment);
  }

  tell(message: M): void {
    this.told.push(message);
    this.#onSent(message);
  }

  sendBytes(frame: Uint8Array): void {
    this.frames.push(frame);
    this.#onSent(frame);
  }

  close(name: CloseName): void {
    throw new Error(`the relay closes nothing, and this one by ${name}`);
  }

  /** Memory is lost, and what was stored comes back. */
  sleep(): void {
    this.attachment = structuredClone(this.#stored);
    recall(this.attachment);
  }
}

type Recorded<L> =
  L extends Line<infer A extends Exclude<Attachment, { kind: "over" }>, infer M> ? RecordedLine<A, M> : never;
export type RecordedBrowser = Recorded<BrowserLine>;
export type RecordedData = Recorded<DataLine>;
type Sent<L> = L extends RecordedLine<infer _A, infer M> ? (sent: M | Uint8Array) => void : never;

export function recordBrowser(connection: number, onSent?: Sent<RecordedBrowser>): RecordedBrowser {
  const counts = { viewers: {}, unread: nothingUnread(), share: [] };
  return new RecordedLine({ kind: "browser", openedAt: 0, session: "s", signIn: "", connection, ...counts }, onSent);
}

export function recordData(generation: number | null, onSent?: Sent<RecordedData>): RecordedData {
  const claims = { openedAt: 0, session: "s", epoch: 4, host: "h", isGreeted: true, lay: null, nextConnection: 9 };
  const counts = { orphanedOpens: 0, closed: {}, unread: nothingUnread(), marks: { sent: 0, read: 0 }, activeAt: 0 };
  return new RecordedLine({ kind: "data", ...claims, generation, terminals: [], ...counts }, onSent);
}
