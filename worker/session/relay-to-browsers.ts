// Passes what a host sends on to the browsers that it is for, and sees that no more comes than was asked for; it stores nothing.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { HostDataMessage } from "#wire/runner.ts";
import { ALL_LIVE_VIEWERS, decodeRunnerFrame, stripConnection } from "#wire/terminal-frame.ts";
import type { BrowserLine, DataLine } from "./line.ts";
import {
  currentViewer,
  leaveOthers,
  type Passage,
  takeAddressed,
  takeBehind,
  takeLive,
  takeOpened,
  takeOpenFailed,
  takeTruncated,
  type Viewer,
} from "./viewer.ts";

type EventOf<T extends HostDataMessage["type"]> = Extract<HostDataMessage, { type: T }>;
type TerminalEvent = EventOf<"exited" | "resized">;
type ViewerEvent = EventOf<"opened" | "open_failed" | "behind" | "truncated" | "received">;
export type AgentEvent = TerminalEvent | ViewerEvent | EventOf<"probed">;

/** Why the data socket is to be closed, or null; `isNews` when the session's terminals are others now; `sent` to so many browsers. */
export type Relayed = { refused: CloseName | null; isNews: boolean; sent: number };

/** A binary frame. */
export function relayOutput(data: DataLine, frame: Uint8Array, browsers: readonly BrowserLine[]): Relayed {
  const output = decodeRunnerFrame(frame, limits.terminalFrameBytes);
  if (output === null) return breach;
  const { connection, terminal, offset, payload } = output;
  const end = offset + payload.length;
  const { generation } = data.attachment;
  const browserFrame = stripConnection(frame);
  let sent = 0;
  for (const browser of browsers) {
    if (connection !== ALL_LIVE_VIEWERS && connection !== browser.attachment.connection) continue;
    const viewer = currentViewer(browser.attachment.viewers, terminal, generation);
    if (viewer === null) continue;
    const { flow } = viewer;
    const passage =
      connection === ALL_LIVE_VIEWERS ? takeLive(viewer, offset, end) : takeAddressed(viewer, offset, end);
    if (passage === "pass") continue;
    if (passage !== "forward") return { refused: passage, isNews: false, sent };
    // Where a live viewer stands is told by the next frame.
    if (flow !== "live" || viewer.flow !== "live") browser.save();
    browser.sendBytes(browserFrame);
    sent++;
  }
  return { refused: null, isNews: false, sent };
}

/** As the daemon's ledger does, what is for nobody is dropped, and an answer to no question is a breach. */
export function relayAgentEvent(data: DataLine, event: AgentEvent, browsers: readonly BrowserLine[]): Relayed {
  switch (event.type) {
    case "probed": {
      const { connection, ...probed } = event;
      browsers.find(({ attachment }) => attachment.connection === connection)?.tell(probed);
      return quiet;
    }
    case "exited":
    case "resized":
      return relayTerminalEvent(data, event, browsers);
    default:
      return relayViewerEvent(data, event, browsers);
  }
}

const quiet: Relayed = { refused: null, isNews: false, sent: 0 };
const breach: Relayed = { refused: "bad_message", isNews: false, sent: 0 };

function relayTerminalEvent(data: DataLine, event: TerminalEvent, browsers: readonly BrowserLine[]): Relayed {
  const { generation, terminals } = data.attachment;
  let sent = 0;
  for (const browser of browsers) {
    const viewer = currentViewer(browser.attachment.viewers, event.terminal, generation);
    if (viewer === null || viewer.flow === "waiting") continue;
    browser.tell(event);
    sent++;
  }
  const known = terminals.find(({ terminal }) => terminal === event.terminal);
  if (event.type !== "exited" || known === undefined || known.exited) return { ...quiet, sent };
  known.exited = true;
  data.save();
  return { refused: null, isNews: true, sent };
}

function relayViewerEvent(data: DataLine, event: ViewerEvent, browsers: readonly BrowserLine[]): Relayed {
  const browser = browsers.find(({ attachment }) => attachment.connection === event.connection);
  if (browser === undefined) return takeOrphan(data, event, browsers);
  const { terminal } = event;
  const viewer = currentViewer(browser.attachment.viewers, terminal, data.attachment.generation);
  if (viewer === null) return quiet;
  switch (event.type) {
    case "opened": {
      if (viewer.opensPending === 0) return breach;
      const isNews = noteInstance(data, event, browsers);
      if (!takeOpened(viewer, event)) return breach;
      browser.save();
      const { connection: _connection, ...opened } = event;
      browser.tell({ ...opened, epoch: data.attachment.epoch });
      return { ...quiet, isNews };
    }
    case "open_failed":
      if (!takeOpenFailed(viewer)) return breach;
      if (viewer.opensPending === 0) delete browser.attachment.viewers[terminal];
      browser.save();
      browser.tell({ type: "error", code: "terminal_failed", message: event.message, terminal });
      return quiet;
    case "received":
      browser.tell({ type: "received", terminal, offset: event.offset });
      return quiet;
    case "behind":
      return afterMove(browser, takeBehind(viewer, event.offset));
    case "truncated": {
      const moved = afterMove(browser, takeTruncated(viewer, event.offset));
      if (moved.refused === null && viewer.flow !== "waiting") {
        browser.tell({ type: "truncated", terminal, offset: event.offset });
      }
      return moved;
    }
    default:
      return event satisfies never;
  }
}

function afterMove(browser: BrowserLine, passage: Passage): Relayed {
  if (passage === "forward") browser.save();
  return passage === "forward" || passage === "pass" ? quiet : { ...breach, refused: passage };
}

/** What a browser asked for that has left. A terminal that it opened is there all the same. */
function takeOrphan(data: DataLine, event: ViewerEvent, browsers: readonly BrowserLine[]): Relayed {
  const isAnswer = event.type === "opened" || event.type === "open_failed";
  if (!isAnswer || data.attachment.orphanedOpens === 0) return quiet;
  data.attachment.orphanedOpens -= 1;
  data.save();
  return { ...quiet, isNews: event.type === "opened" && noteInstance(data, event, browsers) };
}

/** Notes which instance runs in a terminal; answers whether that is news. Who watched another one watches nothing now. */
function noteInstance(data: DataLine, event: EventOf<"opened">, browsers: readonly BrowserLine[]): boolean {
  const { terminals, generation, closed } = data.attachment;
  if (closed[event.terminal] === event.instance) return false;
  const known = terminals.find(({ terminal }) => terminal === event.terminal);
  if (known?.instance === event.instance) return false;
  const others = terminals.filter((summary) => summary !== known);
  data.attachment.terminals = [...others, { terminal: event.terminal, instance: event.instance, exited: false }].sort(
    (a, b) => a.terminal - b.terminal,
  );
  data.save();
  for (const browser of browsers) {
    const viewer: Viewer | null = currentViewer(browser.attachment.viewers, event.terminal, generation);
    if (viewer !== null && leaveOthers(viewer, event.instance)) browser.save();
  }
  return true;
}
