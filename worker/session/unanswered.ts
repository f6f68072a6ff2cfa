// Bounds what browsers send towards a container that does not answer: a socket's own queue cannot be seen, so what was forwarded is counted.

import { limits } from "#wire/limits.ts";
import type { Attachment } from "./attachment.ts";
import type { BrowserLine, DataLine } from "./connections.ts";

/** A count outlives hibernation to within this much, and a keystroke stores nothing. */
const SAVE_EVERY_BYTES = 64 * 1024;
/** Output pays for its own acknowledgements: one message of some 50 bytes for each `ackEveryBytes`. */
const OUTPUT_BYTES_PER_ACK_BYTE = 1024;

type Counting = { readonly attachment: Attachment & { unansweredBytes: number }; save(): void };

/** Notes that `bytes` are about to be forwarded; false when too much waits for an answer already. */
export function mayForward(browser: BrowserLine, data: DataLine, bytes: number): boolean {
  if (browser.attachment.unansweredBytes + bytes > limits.browserUnansweredBytes) return false;
  if (data.attachment.unansweredBytes + bytes > limits.sessionUnansweredBytes) return false;
  setCount(browser, browser.attachment.unansweredBytes + bytes);
  setCount(data, data.attachment.unansweredBytes + bytes);
  return true;
}

/** The container took what this connection sent, and therefore what was forwarded before it. */
export function noteAnswered(browser: BrowserLine, data: DataLine): void {
  setCount(browser, 0);
  setCount(data, 0);
}

export function noteOutput(browser: BrowserLine, data: DataLine, bytes: number): void {
  const paid = bytes / OUTPUT_BYTES_PER_ACK_BYTE;
  setCount(browser, Math.max(0, browser.attachment.unansweredBytes - paid));
  setCount(data, Math.max(0, data.attachment.unansweredBytes - paid));
}

function setCount(line: Counting, count: number): void {
  const { attachment } = line;
  const before = Math.floor(attachment.unansweredBytes / SAVE_EVERY_BYTES);
  attachment.unansweredBytes = count;
  if (Math.floor(count / SAVE_EVERY_BYTES) !== before) line.save();
}
