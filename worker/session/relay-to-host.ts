// Passes what browsers send on to the host, each frame behind its sender's number; it stores nothing and decides nothing else.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { decodeBrowserFrame, PROBE_FRAME, prependConnection } from "#wire/terminal-frame.ts";
import type { BrowserMessage, EdgeMessage } from "#wire/terminal.ts";
import type { BrowserAttachment } from "./attachment.ts";
import type { BrowserLine, DataLine } from "./line.ts";
import { noteForwarded } from "./share.ts";
import { costOf, SAVE_EVERY_BYTES } from "./unread.ts";
import { currentViewer, mustStoreAck, newViewer, noteAck, noteOpen } from "./viewer.ts";

/** What browsers leave free of what a host may have unread: the object's own messages must go through. */
const OWN_BYTES = limits.markEveryBytes;

type TerminalMessage = Exclude<BrowserMessage, { type: "read" | "probe" }>;
type ProbeMessage = Extract<BrowserMessage, { type: "probe" }>;

/** `data` is null while the container cannot be reached. Answers why the browser's socket is to be closed, or null. */
export function relayBrowserMessage(
  browser: BrowserLine,
  message: TerminalMessage,
  data: DataLine | null,
  isReady: boolean,
): CloseName | null {
  if (message.type === "open") return relayOpen(browser, message, data, isReady);
  const { terminal, type } = message;
  const viewer = data === null ? null : currentViewer(browser.attachment.viewers, terminal, data.attachment.generation);
  if (data === null || viewer === null) {
    // A viewer of an earlier generation is about to hear `reattach`, and an ack may cross an exit: neither is a mistake.
    if (browser.attachment.viewers[terminal] === undefined && type !== "ack") tellNotOpen(browser, terminal);
    return null;
  }
  if (type === "close") noteClosed(data, message);
  if (type !== "ack") return forward(browser, message, data);
  const offset = noteAck(viewer, message.offset);
  if (mustStoreAck(viewer)) browser.save();
  return forward(browser, { type, terminal, offset }, data);
}

function relayOpen(
  browser: BrowserLine,
  message: Extract<BrowserMessage, { type: "open" }>,
  data: DataLine | null,
  isReady: boolean,
): CloseName | null {
  const { terminal } = message;
  if (!isReady) {
    tellError(browser, "session_not_ready", "The container is still being prepared.", terminal);
    return null;
  }
  const generation = data?.attachment.generation ?? null;
  if (data === null || generation === null) {
    tellError(browser, "container_unreachable", "The container cannot be reached right now.", terminal);
    return null;
  }
  const { viewers } = browser.attachment;
  const viewer = currentViewer(viewers, terminal, generation) ?? newViewer(generation);
  viewers[terminal] = viewer;
  noteOpen(viewer);
  browser.save();
  return forward(browser, message, data);
}

/** The session no longer lists it: its agent forgets it. An instance that another tab has started since stays. */
function noteClosed(data: DataLine, { terminal, instance }: Extract<BrowserMessage, { type: "close" }>): void {
  const { terminals, closed } = data.attachment;
  const left = terminals.filter((summary) => summary.terminal !== terminal || summary.instance !== instance);
  closed[terminal] = instance;
  if (left.length < terminals.length) data.attachment.terminals = left;
  data.save();
}

/** A browser is gone. Its opens are still answered, and what it opened is there. */
export function relayDetach({ connection, viewers }: BrowserAttachment, data: DataLine | null): void {
  if (data === null) return;
  const { attachment } = data;
  const before = attachment.orphanedOpens;
  for (const { generation, opensPending } of Object.values(viewers)) {
    if (generation === attachment.generation) attachment.orphanedOpens += opensPending;
  }
  if (attachment.orphanedOpens > before) data.save();
  data.tell({ type: "detach", connection });
}

/** The daemon answers for the host, the agent for the container. */
export function relayProbe(browser: BrowserLine, message: ProbeMessage, data: DataLine | null): CloseName | null {
  const isThere = message.at === "host" ? data?.attachment.isGreeted : data?.attachment.generation !== null;
  if (data === null || isThere !== true) {
    tellError(browser, "container_unreachable", `The ${message.at} cannot be reached right now.`);
    return null;
  }
  return forward(browser, message, data);
}

/** A binary frame; `onInput` when it was input that went on. Answers why the browser's socket is to be closed, or null. */
export function relayInput(
  browser: BrowserLine,
  frame: Uint8Array,
  data: DataLine | null,
  onInput: () => void,
): CloseName | null {
  if (frame[0] === PROBE_FRAME) {
    if (frame.length > limits.probeFrameBytes) return "bad_message";
    browser.sendBytes(frame);
    return null;
  }
  const input = decodeBrowserFrame(frame, limits.inputFrameBytes);
  if (input === null) return "bad_message";
  const { viewers, connection } = browser.attachment;
  if (data !== null && currentViewer(viewers, input.terminal, data.attachment.generation) !== null) {
    if (!mayForward(browser, data, frame.length)) return "credit_exceeded";
    data.sendBytes(prependConnection(frame, connection));
    onInput();
  } else if (viewers[input.terminal] === undefined) {
    tellNotOpen(browser, input.terminal);
  }
  return null;
}

function forward(browser: BrowserLine, message: TerminalMessage | ProbeMessage, data: DataLine): CloseName | null {
  const forwarded = { ...message, connection: browser.attachment.connection };
  if (!mayForward(browser, data, JSON.stringify(forwarded).length)) return "credit_exceeded";
  data.tell(forwarded);
  return null;
}

/** Notes that `bytes` are about to be forwarded; false when too much waits for the host to read it. */
function mayForward(browser: BrowserLine, data: DataLine, bytes: number): boolean {
  const { unread, marks } = data.attachment;
  if (unread.bytes + costOf(bytes) > limits.hostUnreadBytes - OWN_BYTES) return false;
  const { share } = browser.attachment;
  const before = share.at(-1)?.bytes ?? 0;
  if (!noteForwarded(share, marks, bytes)) return false;
  const now = share.at(-1)?.bytes ?? 0;
  if (Math.floor(now / SAVE_EVERY_BYTES) > Math.floor(before / SAVE_EVERY_BYTES)) browser.save();
  return true;
}

function tellNotOpen(browser: BrowserLine, terminal: number): void {
  tellError(browser, "terminal_not_open", "Open this terminal first.", terminal);
}

type ErrorCode = Extract<EdgeMessage, { type: "error" }>["code"];

function tellError(browser: BrowserLine, code: ErrorCode, message: string, terminal?: number): void {
  browser.tell({ type: "error", code, message, ...(terminal === undefined ? {} : { terminal }) });
}
