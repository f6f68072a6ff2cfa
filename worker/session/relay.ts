// Routes terminal frames and messages between browser sockets and the data socket; it stores nothing and decides nothing else.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { HostDataMessage } from "#wire/runner.ts";
import {
  ALL_LIVE_VIEWERS,
  decodeBrowserFrame,
  decodeRunnerFrame,
  prependConnection,
  stripConnection,
} from "#wire/terminal-frame.ts";
import type { BrowserMessage } from "#wire/terminal.ts";
import type { Viewer } from "./attachment.ts";
import type { BrowserLine, DataLine } from "./connections.ts";
import { mayForward, noteAnswered, noteOutput } from "./unanswered.ts";

export type AgentEvent = Extract<
  HostDataMessage,
  { type: "opened" | "truncated" | "received" | "exited" | "open_failed" }
>;

/** A viewer counts only in the agent generation that it was opened in. */
function currentViewer(browser: BrowserLine, terminal: number, data: DataLine): Viewer | null {
  const viewer = browser.attachment.viewers[terminal];
  return viewer !== undefined && viewer.generation === data.attachment.generation ? viewer : null;
}

/** `data` is null while the container cannot be reached. Answers why the browser's socket is to be closed, or null. */
export function relayBrowserMessage(
  browser: BrowserLine,
  message: BrowserMessage,
  data: DataLine | null,
  isReady: boolean,
): CloseName | null {
  const { terminal, type } = message;
  const { viewers } = browser.attachment;
  const generation = data?.attachment.generation ?? null;
  if (type === "open") {
    if (!isReady) {
      browser.tell({
        type: "error",
        code: "session_not_ready",
        message: "The container is still being prepared.",
        terminal,
      });
      return null;
    }
    if (data === null || generation === null) {
      browser.tell({
        type: "error",
        code: "container_unreachable",
        message: "The container cannot be reached right now.",
        terminal,
      });
      return null;
    }
    viewers[terminal] = { generation, position: null, isLive: false };
    browser.save();
    return forwardMessage(browser, message, data);
  }
  if (data !== null && currentViewer(browser, terminal, data) !== null) return forwardMessage(browser, message, data);
  // A viewer of an earlier generation is about to hear `reattach`, and an ack may cross an exit: neither is a mistake.
  if (viewers[terminal] === undefined && type !== "ack") tellNotOpen(browser, terminal);
  return null;
}

function forwardMessage(browser: BrowserLine, message: BrowserMessage, data: DataLine): CloseName | null {
  const forwarded = { ...message, connection: browser.attachment.connection };
  if (!mayForward(browser, data, JSON.stringify(forwarded).length)) return "credit_exceeded";
  data.tell(forwarded);
  return null;
}

/** Answers why the browser's socket is to be closed, or null. */
export function relayInput(browser: BrowserLine, frame: Uint8Array, data: DataLine | null): CloseName | null {
  const input = decodeBrowserFrame(frame, limits.inputFrameBytes);
  if (input === null) return "bad_message";
  if (data !== null && currentViewer(browser, input.terminal, data) !== null) {
    if (!mayForward(browser, data, frame.length)) return "credit_exceeded";
    data.sendBytes(prependConnection(frame, browser.attachment.connection));
  } else if (browser.attachment.viewers[input.terminal] === undefined) {
    tellNotOpen(browser, input.terminal);
  }
  return null;
}

/**
 * Answers false when the frame is malformed. A frame for all goes to a viewer that is still being replayed only where
 * it continues what that viewer has been sent; from there on the viewer is live.
 */
export function relayOutput(data: DataLine, frame: Uint8Array, browsers: readonly BrowserLine[]): boolean {
  const output = decodeRunnerFrame(frame, limits.terminalFrameBytes);
  if (output === null) return false;
  const { connection, terminal, offset, payload } = output;
  const browserFrame = stripConnection(frame);
  for (const browser of browsers) {
    if (connection !== ALL_LIVE_VIEWERS && connection !== browser.attachment.connection) continue;
    const viewer = currentViewer(browser, terminal, data);
    if (viewer === null) continue;
    if (connection !== ALL_LIVE_VIEWERS) {
      viewer.position = offset + payload.length;
      viewer.isLive = false;
      browser.save();
    } else if (!viewer.isLive) {
      if (viewer.position === null || offset > viewer.position) continue;
      viewer.isLive = true;
      browser.save();
    }
    noteOutput(browser, data, payload.length);
    browser.sendBytes(browserFrame);
  }
  return true;
}

export function relayAgentEvent(data: DataLine, event: AgentEvent, browsers: readonly BrowserLine[]): void {
  const { terminal } = event;
  for (const browser of browsers) {
    if (event.type !== "exited" && event.connection !== browser.attachment.connection) continue;
    const viewer = currentViewer(browser, terminal, data);
    if (viewer === null) continue;
    switch (event.type) {
      case "opened": {
        const { instance, offset, end, received } = event;
        viewer.position = offset;
        viewer.isLive = false;
        noteAnswered(browser, data);
        browser.save();
        browser.tell({ type: "opened", terminal, instance, epoch: data.attachment.epoch, offset, end, received });
        break;
      }
      case "truncated":
        viewer.position = event.offset;
        viewer.isLive = false;
        browser.save();
        browser.tell({ type: "truncated", terminal, offset: event.offset });
        break;
      case "received":
        noteAnswered(browser, data);
        browser.tell({ type: "received", terminal, offset: event.offset });
        break;
      case "exited":
        browser.tell({ type: "exited", terminal, exitCode: event.exitCode });
        break;
      case "open_failed":
        delete browser.attachment.viewers[terminal];
        browser.save();
        browser.tell({ type: "error", code: "terminal_failed", message: event.message, terminal });
        break;
      default:
        event satisfies never;
    }
  }
}

/** Notes a terminal's instance and end where the session shows it; answers whether that changed. */
export function noteTerminal(data: DataLine, event: AgentEvent): boolean {
  const { terminals } = data.attachment;
  const known = terminals.find((summary) => summary.terminal === event.terminal);
  if (event.type === "opened") {
    if (known?.instance === event.instance) return false;
    const others = terminals.filter((summary) => summary !== known);
    data.attachment.terminals = [...others, { terminal: event.terminal, instance: event.instance, exited: false }].sort(
      (a, b) => a.terminal - b.terminal,
    );
  } else if (event.type === "exited") {
    if (known === undefined || known.exited) return false;
    known.exited = true;
  } else return false;
  data.save();
  return true;
}

function tellNotOpen(browser: BrowserLine, terminal: number): void {
  browser.tell({ type: "error", code: "terminal_not_open", message: "Open this terminal first.", terminal });
}
