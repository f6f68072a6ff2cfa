// Owns the daemon's own count of what viewers have been sent and have acknowledged: an agent is not trusted to keep the credit window.

import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import type { ViewerMessage } from "#wire/runner.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";

/** `forward` it, `drop` what nobody waits for, or the agent broke the protocol (`violation`). */
export type Judgement = "forward" | "drop" | "violation";

type Viewer = { sent: number; acked: number; opensPending: number; isOpened: boolean };
/** `passedEnd`: end of the furthest output let through; `creditEnd`: how far the most advanced viewer ever allowed output for all. */
type Terminal = { instance: string | null; viewers: Map<number, Viewer>; passedEnd: number; creditEnd: number };
export type ViewerEvent = Extract<
  AgentMessage,
  { type: "opened" | "truncated" | "received" | "exited" | "open_failed" }
>;

export class CreditLedger {
  readonly #terminals = new Map<number, Terminal>();

  /** What a viewer sends to the agent, noted before it is passed on. */
  noteViewer(message: ViewerMessage): void {
    switch (message.type) {
      case "open": {
        const terminal = this.#terminal(message.terminal);
        const viewer = terminal.viewers.get(message.connection) ?? {
          sent: 0,
          acked: 0,
          opensPending: 0,
          isOpened: false,
        };
        viewer.opensPending += 1;
        terminal.viewers.set(message.connection, viewer);
        return;
      }
      case "ack": {
        const terminal = this.#terminal(message.terminal);
        const viewer = terminal.viewers.get(message.connection);
        if (viewer === undefined) return;
        viewer.acked = Math.max(viewer.acked, Math.min(message.offset, terminal.passedEnd));
        terminal.creditEnd = Math.max(terminal.creditEnd, viewer.acked + limits.creditWindowBytes);
        return;
      }
      case "detach":
        for (const terminal of this.#terminals.values()) terminal.viewers.delete(message.connection);
        return;
      case "resize":
      case "close":
        return;
    }
  }

  judgeEvent(event: ViewerEvent): Judgement {
    const terminal = this.#terminal(event.terminal);
    if (event.type === "exited") return "forward";
    const viewer = terminal.viewers.get(event.connection);
    if (viewer === undefined) return "drop";
    switch (event.type) {
      case "received":
        return viewer.isOpened ? "forward" : "violation";
      case "open_failed":
        if (viewer.opensPending === 0) return "violation";
        viewer.opensPending -= 1;
        return "forward";
      case "opened":
        if (viewer.opensPending === 0 || event.end < event.offset) return "violation";
        viewer.opensPending -= 1;
        viewer.isOpened = true;
        viewer.sent = event.offset;
        viewer.acked = event.offset;
        if (terminal.instance !== event.instance) this.#startInstance(terminal, event.instance, event.connection);
        terminal.passedEnd = Math.max(terminal.passedEnd, event.offset);
        terminal.creditEnd = Math.max(terminal.creditEnd, event.offset + limits.creditWindowBytes);
        return "forward";
      case "truncated": {
        if (!viewer.isOpened) return "violation";
        const underWay = Math.min(Math.max(0, viewer.sent - viewer.acked), limits.creditWindowBytes / 2);
        viewer.sent = event.offset;
        viewer.acked = event.offset - underWay;
        terminal.creditEnd = Math.max(terminal.creditEnd, viewer.acked + limits.creditWindowBytes);
        return "forward";
      }
    }
  }

  judgeOutput({ connection, terminal: number, offset, payload }: RunnerFrame): Judgement {
    const terminal = this.#terminal(number);
    const end = offset + payload.length;
    if (connection === ALL_LIVE_VIEWERS) {
      if (terminal.viewers.size === 0) return "drop";
      if (end > terminal.creditEnd) return "violation";
      terminal.passedEnd = Math.max(terminal.passedEnd, end);
      for (const viewer of terminal.viewers.values()) if (viewer.sent === offset) viewer.sent = end;
      return "forward";
    }
    const viewer = terminal.viewers.get(connection);
    if (viewer === undefined) return "drop";
    if (!viewer.isOpened || end > viewer.acked + limits.creditWindowBytes) return "violation";
    viewer.sent = end;
    terminal.passedEnd = Math.max(terminal.passedEnd, end);
    return "forward";
  }

  /** The data socket or the agent was lost: nobody watches. */
  clear(): void {
    this.#terminals.clear();
  }

  /** Who watched the instance before and has not asked for this one watches nothing. */
  #startInstance(terminal: Terminal, instance: string, opener: number): void {
    terminal.instance = instance;
    terminal.passedEnd = 0;
    terminal.creditEnd = 0;
    for (const [connection, viewer] of terminal.viewers) {
      if (connection !== opener && viewer.opensPending === 0) terminal.viewers.delete(connection);
    }
  }

  #terminal(number: number): Terminal {
    let terminal = this.#terminals.get(number);
    if (terminal === undefined) {
      terminal = { instance: null, viewers: new Map(), passedEnd: 0, creditEnd: 0 };
      this.#terminals.set(number, terminal);
    }
    return terminal;
  }
}
