// Owns the terminals of one container by number: opens, closes and addresses them as the daemon's messages ask.

import type { AgentMessage, DaemonMessage } from "#wire/agent.ts";
import { newId } from "#wire/new-id.ts";
import type { TerminalSummary } from "#wire/session.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import type { Clock } from "./clock.ts";
import type { OpenPty, PtyOptions, TerminalSize } from "./pty.ts";
import { environmentIn } from "./shell-environment.ts";
import { Terminal, type TerminalSink } from "./terminal.ts";

/** Exit code told for a terminal that was closed: ended by SIGHUP. */
const HUNG_UP_EXIT_CODE = 129;

export interface TerminalsLink {
  send(message: AgentMessage): void;
  sendOutput(frame: RunnerFrame): void;
  canSend(): boolean;
}

export type TerminalsOptions = {
  link: TerminalsLink;
  clock: Clock;
  openPty: OpenPty;
  /** The program of every terminal; each open adds its size and its instance. */
  shell: Omit<PtyOptions, "cols" | "rows">;
};

export type TerminalsMessage = Exclude<DaemonMessage, { type: "ping" | "lay" }>;
type OpenMessage = Extract<DaemonMessage, { type: "open" }>;

export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #terminals = new Map<number, Terminal>();
  #firstToResume = 0;

  constructor(options: TerminalsOptions) {
    this.#options = options;
  }

  get summaries(): TerminalSummary[] {
    return [...this.#terminals.values()].map((terminal) => terminal.summary);
  }

  /** Whether a program other than the shell has the foreground of some terminal. */
  get isBusy(): boolean {
    return [...this.#terminals.values()].some((terminal) => terminal.isBusy);
  }

  apply(message: TerminalsMessage): void {
    switch (message.type) {
      case "open":
        this.#open(message);
        break;
      case "resize":
        this.#terminals.get(message.terminal)?.resize(message);
        break;
      case "ack":
        this.#terminals.get(message.terminal)?.ack(message.connection, message.offset);
        break;
      case "close":
        this.#close(message.terminal, message.instance);
        break;
      case "detach":
        for (const terminal of this.#terminals.values()) terminal.detach(message.connection);
        break;
      case "detach_all":
        for (const terminal of this.#terminals.values()) terminal.detachAll();
        break;
      case "probe":
        this.#options.link.send({ ...message, type: "probed" });
        break;
      case "warn":
        for (const terminal of this.#terminals.values()) terminal.warn(message.message);
        break;
    }
  }

  takeInput({ connection, terminal, offset, payload }: RunnerFrame): void {
    this.#terminals.get(terminal)?.takeInput(connection, offset, payload);
  }

  /** What was sent has left this process: whoever waited goes on, each time another one first, so that none is kept waiting by the others. */
  resumeSending(): void {
    const waiting = [...this.#terminals.values()];
    this.#firstToResume = (this.#firstToResume + 1) % Math.max(1, waiting.length);
    for (const terminal of waiting.slice(this.#firstToResume)) terminal.step();
    for (const terminal of waiting.slice(0, this.#firstToResume)) terminal.step();
  }

  #open(message: OpenMessage): void {
    const { connection, terminal: number, client, instance, offset } = message;
    const { link } = this.#options;
    let terminal = this.#terminals.get(number);
    if (terminal === undefined) {
      try {
        terminal = this.#start(number, message);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        link.send({
          type: "open_failed",
          connection,
          terminal: number,
          message: `The shell did not start: ${reason}`.slice(0, 500),
        });
        return;
      }
      this.#terminals.set(number, terminal);
    } else if (message.claimsSize) {
      terminal.resize(message);
    }
    const {
      offset: from,
      end,
      received,
      cols,
      rows,
      hasMissed,
    } = terminal.attach(connection, client, instance, offset);
    link.send({
      type: "opened",
      connection,
      terminal: number,
      instance: terminal.instance,
      offset: from,
      end,
      received,
      cols,
      rows,
    });
    if (hasMissed) link.send({ type: "truncated", connection, terminal: number, offset: from });
    terminal.step();
  }

  #start(number: number, { cols, rows }: TerminalSize): Terminal {
    const { link, clock, openPty, shell } = this.#options;
    const sink: TerminalSink = {
      frame: (connection, offset, payload) => link.sendOutput({ connection, terminal: number, offset, payload }),
      behind: (connection, offset) => link.send({ type: "behind", connection, terminal: number, offset }),
      truncated: (connection, offset) => link.send({ type: "truncated", connection, terminal: number, offset }),
      resized: (size) => link.send({ type: "resized", terminal: number, ...size }),
      exited: (exitCode) => link.send({ type: "exited", terminal: number, exitCode }),
      received: (connection, offset) => link.send({ type: "received", connection, terminal: number, offset }),
      canSend: () => link.canSend(),
    };
    const size = { cols, rows };
    const instance = newId("t");
    const program = { ...shell, ...size, environment: environmentIn(instance, shell.environment) };
    return new Terminal(number, instance, size, (events) => openPty(program, events), sink, clock);
  }

  #close(number: number, instance: string): void {
    const terminal = this.#terminals.get(number);
    if (terminal?.instance !== instance) return;
    const { exited } = terminal.summary;
    terminal.close();
    this.#terminals.delete(number);
    if (!exited) this.#options.link.send({ type: "exited", terminal: number, exitCode: HUNG_UP_EXIT_CODE });
  }
}
