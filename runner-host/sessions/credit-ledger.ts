// Owns the daemon's own count of what viewers have been sent and have acknowledged: an agent is not trusted to keep the credit window.

import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import type { ViewerMessage } from "#wire/runner.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";

/** What was sent is not sent again, save the last byte but one, alone: by it an agent tells who is no longer live (terminal-output.ts). */
const STEP_BACK_BYTES = 2;

/** `forward` it, `drop` what nobody waits for, or the agent broke the protocol (`violation`). */
export type Judgement = "forward" | "drop" | "violation";

/**
 * `ackedMeanwhile`, in so many `acksMeanwhile`: acknowledged while an open was pending; the agent may come to it after that open.
 * `hasLeft`: kept until its opens are answered, since the agent's output for all may follow it until then.
 */
type Viewer = {
  sent: number;
  acked: number;
  ackedMeanwhile: number;
  acksMeanwhile: number;
  opensPending: number;
  isOpened: boolean;
  hasLeft: boolean;
};
/**
 * `passedEnd`: end of the furthest output let through; `liveEnd`: of that for all;
 * `creditEnd`: how far the most advanced viewer ever allowed output for all.
 */
type Terminal = {
  instance: string | null;
  viewers: Map<number, Viewer>;
  passedEnd: number;
  liveEnd: number;
  creditEnd: number;
};
export type TerminalEvent = Extract<
  AgentMessage,
  { type: "opened" | "behind" | "truncated" | "received" | "resized" | "exited" | "open_failed" }
>;
type AddressedEvent = Exclude<TerminalEvent, { type: "exited" | "resized" }>;

export class CreditLedger {
  readonly #terminals = new Map<number, Terminal>();

  /** Notes what a viewer sends to the agent; returns it as it may be passed on: what the viewer cannot have drawn yet is not acknowledged. */
  noteViewer(message: ViewerMessage): ViewerMessage {
    switch (message.type) {
      case "open": {
        const terminal = this.#terminal(message.terminal);
        const viewer = terminal.viewers.get(message.connection) ?? {
          sent: 0,
          acked: 0,
          ackedMeanwhile: 0,
          acksMeanwhile: 0,
          opensPending: 0,
          isOpened: false,
          hasLeft: false,
        };
        if (viewer.opensPending === 0) viewer.ackedMeanwhile = viewer.acksMeanwhile = 0;
        viewer.opensPending += 1;
        terminal.viewers.set(message.connection, viewer);
        return message;
      }
      case "ack": {
        const terminal = this.#terminal(message.terminal);
        const viewer = terminal.viewers.get(message.connection);
        if (viewer === undefined) return message;
        const offset = Math.min(message.offset, terminal.passedEnd);
        viewer.acked = Math.max(viewer.acked, offset);
        viewer.ackedMeanwhile = Math.max(viewer.ackedMeanwhile, offset);
        viewer.acksMeanwhile += 1;
        terminal.creditEnd = Math.max(terminal.creditEnd, viewer.acked + limits.creditWindowBytes);
        return { ...message, offset };
      }
      case "detach":
        for (const { viewers } of this.#terminals.values()) {
          const viewer = viewers.get(message.connection);
          if (viewer !== undefined) viewer.hasLeft = true;
          if (viewer?.opensPending === 0) viewers.delete(message.connection);
        }
        return message;
      case "resize":
      case "close":
      case "probe":
        return message;
    }
  }

  judgeEvent(event: TerminalEvent): Judgement {
    const terminal = this.#terminal(event.terminal);
    if (event.type === "exited" || event.type === "resized") return "forward";
    const viewer = terminal.viewers.get(event.connection);
    if (viewer === undefined) return "drop";
    const judgement = this.#judgeAddressed(terminal, viewer, event);
    if (!viewer.hasLeft || judgement === "violation") return judgement;
    if (viewer.opensPending === 0) terminal.viewers.delete(event.connection);
    return "drop";
  }

  #judgeAddressed(terminal: Terminal, viewer: Viewer, event: AddressedEvent): Judgement {
    switch (event.type) {
      case "received":
      case "behind":
        return viewer.isOpened ? "forward" : "violation";
      case "open_failed":
        if (viewer.opensPending === 0) return "violation";
        viewer.opensPending -= 1;
        return "forward";
      case "opened":
        if (viewer.opensPending === 0 || event.end < event.offset) return "violation";
        if (terminal.instance !== event.instance) this.#startInstance(terminal, event.instance, event.connection);
        viewer.opensPending -= 1;
        viewer.isOpened = true;
        viewer.sent = event.offset;
        viewer.acked = Math.max(
          event.offset,
          Math.min(viewer.ackedMeanwhile, event.offset + viewer.acksMeanwhile * limits.creditWindowBytes),
        );
        terminal.passedEnd = Math.max(terminal.passedEnd, event.offset);
        terminal.creditEnd = Math.max(terminal.creditEnd, viewer.acked + limits.creditWindowBytes);
        return "forward";
      case "truncated": {
        if (!viewer.isOpened) return "violation";
        const underWay = Math.min(Math.max(0, viewer.sent - viewer.acked), limits.creditWindowBytes / 2);
        viewer.sent = event.offset;
        viewer.acked = Math.max(viewer.acked, event.offset - underWay);
        terminal.creditEnd = Math.max(terminal.creditEnd, viewer.acked + limits.creditWindowBytes);
        return "forward";
      }
    }
  }

  judgeOutput({ connection, terminal: number, offset, payload }: RunnerFrame): Judgement {
    const terminal = this.#terminal(number);
    const end = offset + payload.length;
    if (connection === ALL_LIVE_VIEWERS) {
      if (![...terminal.viewers.values()].some(({ isOpened }) => isOpened)) return "drop";
      if (offset < terminal.liveEnd || end > terminal.creditEnd) return "violation";
      terminal.liveEnd = end;
      terminal.passedEnd = Math.max(terminal.passedEnd, end);
      for (const viewer of terminal.viewers.values()) if (viewer.sent === offset) viewer.sent = end;
      return "forward";
    }
    const viewer = terminal.viewers.get(connection);
    if (viewer === undefined || viewer.hasLeft) return "drop";
    if (!viewer.isOpened) return "violation";
    const isStepBack = payload.length === 1 && offset === viewer.sent - STEP_BACK_BYTES;
    const isInWindow = offset >= viewer.sent && end <= viewer.acked + limits.creditWindowBytes;
    if (!isStepBack && !isInWindow) return "violation";
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
    terminal.liveEnd = 0;
    terminal.creditEnd = 0;
    for (const [connection, viewer] of terminal.viewers) {
      viewer.isOpened = false;
      if (connection !== opener && viewer.opensPending === 0) terminal.viewers.delete(connection);
    }
  }

  #terminal(number: number): Terminal {
    let terminal = this.#terminals.get(number);
    if (terminal === undefined) {
      terminal = { instance: null, viewers: new Map(), passedEnd: 0, liveEnd: 0, creditEnd: 0 };
      this.#terminals.set(number, terminal);
    }
    return terminal;
  }
}
