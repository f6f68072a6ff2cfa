// Owns the daemon's own account of a session's terminals: an agent is not trusted, it may say what it was asked for and send what there is credit for.

import type { AgentMessage } from "#wire/agent.ts";
import type { ViewerMessage } from "#wire/runner.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";
import { AskedProbes } from "./asked-probes.ts";
import { TerminalAccount, type TerminalEvent } from "./terminal-account.ts";
import type { Judgement } from "./viewer-account.ts";

export type ViewerEvent = TerminalEvent | Extract<AgentMessage, { type: "probed" }>;

export class CreditLedger {
  /** By number, which the wire bounds. */
  readonly #terminals = new Map<number, TerminalAccount>();
  readonly #probes = new AskedProbes();

  /** Notes what a viewer sends to the agent; returns it as it may be passed on, or null when it may not. */
  noteViewer(message: ViewerMessage): ViewerMessage | null {
    switch (message.type) {
      case "open": {
        const { terminal, connection, client, claimsSize } = message;
        return this.#terminal(terminal).noteOpen(connection, client, claimsSize) ? message : null;
      }
      case "ack": {
        const offset = this.#terminal(message.terminal).noteAck(message.connection, message.offset);
        return offset === null ? null : { ...message, offset };
      }
      case "resize":
        return this.#terminal(message.terminal).noteResize(message.connection) ? message : null;
      case "probe":
        return this.#probes.ask(message.connection, message.probe) ? message : null;
      case "close":
        return message;
      case "detach":
        return this.#noteLeft(message.connection) ? message : null;
    }
  }

  /** Whether the input may be passed on: it is that of a viewer. */
  noteInput(input: RunnerFrame): boolean {
    return this.#terminal(input.terminal).noteInput(input);
  }

  judgeEvent(event: ViewerEvent): Judgement {
    if (event.type !== "probed") return this.#terminal(event.terminal).judgeEvent(event);
    return event.at === "container" ? this.#probes.judge(event.connection, event.probe) : "violation";
  }

  judgeOutput(output: RunnerFrame): Judgement {
    return this.#terminal(output.terminal).judgeOutput(output);
  }

  /** How many viewers a frame of this terminal may be sent to. */
  countViewers({ connection, terminal }: RunnerFrame): number {
    return connection === ALL_LIVE_VIEWERS ? this.#terminal(terminal).viewers : 1;
  }

  /** The data socket or the agent was lost: nobody watches. */
  clear(): void {
    this.#terminals.clear();
    this.#probes.clear();
  }

  #noteLeft(connection: number): boolean {
    this.#probes.leave(connection);
    let isKnown = false;
    for (const terminal of this.#terminals.values()) isKnown = terminal.noteLeft(connection) || isKnown;
    return isKnown;
  }

  #terminal(number: number): TerminalAccount {
    let terminal = this.#terminals.get(number);
    if (terminal === undefined) {
      terminal = new TerminalAccount();
      this.#terminals.set(number, terminal);
    }
    return terminal;
  }
}
