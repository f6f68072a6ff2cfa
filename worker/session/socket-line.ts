// A socket as one end of the relay: it counts what it was sent, has it proved by marks that it is read, and takes no more than may wait.

import { type CloseName, closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { countClose, countOut, edgeCounts } from "../metrics/edge-counts.ts";
import type { Attachment, BrowserAttachment, DataAttachment } from "./attachment.ts";
import { drawMark } from "./draw-number.ts";
import type { Line } from "./line.ts";
import { costOf, isMarkDue, noteMark, noteSent, SAVE_EVERY_BYTES } from "./unread.ts";

/** Told by a line; `onUnread` after each send that leaves much unread. */
export type LineWatch = { onOver(): void; onTooMuch(): void; onUnread(): void };

/** Below this on each of its sockets a session cannot have too much unread on all of them. */
const SHARE_OF_SESSION_BYTES = limits.sessionUnreadBytes / limits.browserSocketsPerUser;

const unreadMost = { browser: limits.browserUnreadBytes, data: limits.hostUnreadBytes } as const;

export class SocketLine<A extends BrowserAttachment | DataAttachment, M extends { type: string }> implements Line<
  A,
  M
> {
  readonly attachment: A;
  readonly #socket: WebSocket;
  readonly #watch: LineWatch;
  #storedBytes: number;

  /** `storedBytes` is the count of unread bytes that its stored attachment holds. */
  constructor(socket: WebSocket, attachment: A, storedBytes: number, watch: LineWatch) {
    this.#socket = socket;
    this.attachment = attachment;
    this.#storedBytes = storedBytes;
    this.#watch = watch;
  }

  save(): void {
    this.#socket.serializeAttachment(this.attachment);
    this.#storedBytes = this.attachment.unread.bytes;
  }

  tell(message: M): void {
    const text = JSON.stringify(message);
    this.#send(text, text.length);
  }

  sendBytes(frame: Uint8Array): void {
    this.#send(frame, frame.length);
  }

  close(name: CloseName): void {
    this.#watch.onOver();
    countClose(name);
    const over: Attachment = { kind: "over", unreadBytes: this.attachment.unread.bytes };
    this.#socket.serializeAttachment(over);
    if (this.#isOpen()) this.#socket.close(closeCodes[name].code, closeCodes[name].reason);
  }

  /** What would be too much is not sent: the socket is about to be closed. */
  #send(frame: string | Uint8Array, bytes: number): void {
    if (!this.#isOpen()) return;
    const { unread, kind } = this.attachment;
    if (unread.bytes + costOf(bytes) > unreadMost[kind]) {
      this.#watch.onTooMuch();
      return;
    }
    this.#socket.send(frame);
    noteSent(unread, bytes);
    countOut(edgeCounts.traffic[kind], bytes);
    if (isMarkDue(unread)) this.#mark();
    else if (unread.bytes - this.#storedBytes > SAVE_EVERY_BYTES) this.save();
    if (unread.bytes > SHARE_OF_SESSION_BYTES) this.#watch.onUnread();
  }

  #mark(): void {
    const mark = drawMark();
    const text = JSON.stringify({ type: "mark", mark });
    this.#socket.send(text);
    noteSent(this.attachment.unread, text.length);
    countOut(edgeCounts.traffic[this.attachment.kind], text.length);
    noteMark(this.attachment.unread, mark, Date.now());
    if (this.attachment.kind === "data") this.attachment.marks.sent += 1;
    this.save();
  }

  #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }
}
