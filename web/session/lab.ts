// One learner's open session in this page: its connection, its last known state and its terminal, as a store that the page watches.

import { finalStates, type Session } from "#wire/session.ts";
import type { Emulator } from "../terminal/emulator.ts";
import type { TerminalPhase } from "../terminal/terminal-event.ts";
import { TerminalLink } from "../terminal/terminal-link.ts";
import type { ConnectionState } from "./connection.ts";
import { LastUsed } from "./last-used.ts";
import { type SessionMessage, SessionSocket } from "./session-socket.ts";

export type LabSnapshot = {
  session: Session;
  /** The terminal exists from the first `ready` on, also after the end. */
  wasReady: boolean;
  connection: ConnectionState;
  phase: TerminalPhase;
  /** Typed into a shell that is gone. */
  unsent: string | null;
  /** Counts refused key presses, so that each can be shown. */
  bells: number;
};

const TERMINAL = 0;

export class Lab {
  readonly #socket: SessionSocket;
  readonly #lastUsed: LastUsed;
  /** One per page load: a duplicated tab is another client. */
  readonly #client = crypto.randomUUID();
  readonly #watchers = new Set<() => void>();
  #snapshot: LabSnapshot;
  #link: TerminalLink | null = null;
  #isUsable = false;

  constructor(session: Session) {
    this.#snapshot = {
      session,
      wasReady: session.state === "ready",
      connection: { name: "closed" },
      phase: { name: "waiting" },
      unsent: null,
      bells: 0,
    };
    this.#lastUsed = new LastUsed(session.id, (isHere) => this.#link?.apply({ type: "used", isHere }));
    this.#socket = new SessionSocket(session.id, {
      connection: (connection) => {
        this.#update({ connection });
        if (connection.name !== "open") this.#reach(false);
      },
      message: (message) => this.#receive(message),
      output: ({ terminal, offset, payload }) => {
        if (terminal === TERMINAL) this.#link?.apply({ type: "output", offset, payload });
      },
    });
  }

  start(): void {
    this.#lastUsed.start();
    if (!finalStates.has(this.#snapshot.session.state)) this.#socket.start();
  }

  stop(): void {
    this.#lastUsed.stop();
    this.#socket.stop();
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly read = (): LabSnapshot => this.#snapshot;

  hurry(): void {
    this.#socket.hurry();
  }

  dismissUnsent(): void {
    this.#update({ unsent: null });
  }

  /** What another source (an answer over HTTP) knows of the session; ended stays ended. */
  learn(session: Session): void {
    if (session.id !== this.#snapshot.session.id || finalStates.has(this.#snapshot.session.state)) return;
    this.#update({ session, wasReady: this.#snapshot.wasReady || session.state === "ready" });
    if (finalStates.has(session.state)) this.#socket.stop();
  }

  /** Gives the session's terminal an emulator to live on; the returned link takes what the emulator reports. */
  attach(emulator: Emulator): TerminalLink {
    this.#link?.dispose();
    const link = new TerminalLink(
      TERMINAL,
      this.#client,
      emulator,
      {
        send: (message) => this.#socket.send(message),
        sendInput: (terminal, offset, payload) => this.#socket.sendInput({ terminal, offset, payload }),
      },
      {
        phase: (phase) => this.#update({ phase }),
        unsent: (unsent) => this.#update({ unsent }),
        bell: () => this.#update({ bells: this.#snapshot.bells + 1 }),
      },
    );
    this.#link = link;
    link.apply({ type: "used", isHere: this.#lastUsed.isHere });
    if (this.#isUsable) link.apply({ type: "reachable" });
    return link;
  }

  detach(link: TerminalLink): void {
    link.dispose();
    if (this.#link !== link) return;
    this.#link = null;
    this.#update({ phase: { name: "waiting" } });
  }

  #receive(message: SessionMessage): void {
    switch (message.type) {
      case "session":
        this.learn(message.session);
        this.#reach(message.session.state === "ready" && message.session.reachable);
        break;
      case "reattach":
        this.#isUsable = true;
        this.#link?.apply({ type: "reachable" });
        break;
      case "probed":
        break;
      case "error":
        if (message.terminal === undefined || message.terminal === TERMINAL)
          this.#link?.apply({ type: "message", message });
        break;
      default:
        if (message.terminal === TERMINAL) this.#link?.apply({ type: "message", message });
    }
  }

  #reach(isUsable: boolean): void {
    if (isUsable === this.#isUsable) return;
    this.#isUsable = isUsable;
    this.#link?.apply({ type: isUsable ? "reachable" : "unreachable" });
  }

  #update(change: Partial<LabSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}
