// One end of the relay, as the relay sees it.

import type { CloseName } from "#wire/close-codes.ts";
import type { SessionDataMessage } from "#wire/runner.ts";
import type { EdgeMessage } from "#wire/terminal.ts";
import type { Attachment, BrowserAttachment, DataAttachment } from "./attachment.ts";

/** A socket, or a recorder in a test. */
export type Line<A extends Attachment, M> = {
  readonly attachment: A;
  /** Stores the attachment after it was changed. */
  save(): void;
  tell(message: M): void;
  sendBytes(frame: Uint8Array): void;
  close(name: CloseName): void;
};
export type BrowserLine = Line<BrowserAttachment, EdgeMessage>;
export type DataLine = Line<DataAttachment, SessionDataMessage>;
