// One learner's open session in this page: its connection, its last known state and its terminal, as a store that the page watches.

import { finalStates, type Notice, type Session } from "#wire/session.ts";
import type { BrowserMessage } from "#wire/terminal.ts";
import { readEdgeTime } from "../api/edge-clock.ts";
import { keepTerminal, readKeptTerminal } from "../terminal/kept-terminal.ts";
import { TerminalSet, type TerminalsSnapshot } from "../terminal/terminal-set.ts";
import type { ConnectionState } from "./connection.ts";
import { readCountdown } from "./countdown.ts";
import { IdleDeadline } from "./idle-deadline.ts";
import { LastUsed } from "./last-used.ts";
import { addNotice, dropNotice } from "./notices.ts";
import { RoundTrip } from "./round-trip.ts";
import { type SessionMessage, SessionSocket } from "./session-socket.ts";

export type LabSnapshot = {
  session: Session;
  /** The terminals exist from the first `ready` on, also after the end. */
  wasReady: boolean;
  connection: ConnectionState;
  terminals: TerminalsSnapshot;
  /** How long the session may lie unused, as far as is known. */
  idleMs: number;
  /** What the learner was told and has not put away, newest first. */
  notices: readonly Notice[];
  /** To the container and back, as measured last; null while it is not known. */
  roundTripMs: number | null;
};

export class Lab {
  readonly terminals: TerminalSet;
  readonly #socket: SessionSocket;
  readonly #lastUsed: LastUsed;
  readonly #idle = new IdleDeadline();
  readonly #roundTrip = new RoundTrip();
  readonly #watchers = new Set<() => void>();
  readonly #look = (): void => this.terminals.showPage(document.visibilityState === "visible");
  #snapshot: LabSnapshot;
  #isUsable = false;

  constructor(session: Session) {
    const port = {
      send: (message: BrowserMessage) => this.#socket.send(message),
      sendInput: (terminal: number, offset: number, payload: Uint8Array) => {
        this.#socket.sendInput({ terminal, offset, payload });
        this.#probe(this.#roundTrip.typed(performance.now()));
        this.#use();
      },
    };
    this.terminals = new TerminalSet(port, session.terminals, readKeptTerminal(session.id), (terminals) => {
      if (terminals.selected !== this.#snapshot.terminals.selected) keepTerminal(session.id, terminals.selected);
      this.#update({ terminals });
    });
    this.#snapshot = {
      session: this.#idle.tell(session, readEdgeTime(Date.now())),
      wasReady: session.state === "ready",
      connection: { name: "closed" },
      terminals: this.terminals.snapshot,
      idleMs: this.#idle.idleMs,
      notices: [],
      roundTripMs: null,
    };
    this.#lastUsed = new LastUsed(session.id, (isHere) => this.terminals.use(isHere));
    this.#socket = new SessionSocket(session.id, {
      connection: (connection) => {
        this.#update({ connection });
        if (connection.name !== "open") this.#reach(false);
      },
      message: (message) => this.#receive(message),
      output: ({ terminal, offset, payload }) => this.terminals.draw(terminal, offset, payload),
    });
  }

  start(): void {
    this.#lastUsed.start();
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
    if (!finalStates.has(this.#snapshot.session.state)) this.#socket.start();
  }

  stop(): void {
    this.#lastUsed.stop();
    document.removeEventListener("visibilitychange", this.#look);
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

  dismissNotice(code: Notice["code"]): void {
    this.#update({ notices: dropNotice(this.#snapshot.notices, code) });
  }

  /** What another source (an answer over HTTP) knows of the session; ended stays ended. */
  learn(session: Session): void {
    if (session.id !== this.#snapshot.session.id || finalStates.has(this.#snapshot.session.state)) return;
    this.#know(this.#idle.tell(session, readEdgeTime(Date.now())));
    if (finalStates.has(session.state)) this.#socket.stop();
  }

  #know(session: Session): void {
    const { idleMs } = this.#idle;
    const { wasReady, notices } = this.#snapshot;
    const isFar = readCountdown(session, idleMs, readEdgeTime(Date.now())).level === "far";
    this.#update({
      session,
      idleMs,
      wasReady: wasReady || session.state === "ready",
      notices: isFar ? dropNotice(notices, "ends_soon") : notices,
    });
  }

  #use(): void {
    const { session, connection } = this.#snapshot;
    if (connection.name !== "open") return;
    const idleAt = this.#idle.use(session.idleAt, readEdgeTime(Date.now()));
    if (idleAt !== null) this.#know({ ...session, idleAt });
  }

  #receive(message: SessionMessage): void {
    switch (message.type) {
      case "session":
        this.learn(message.session);
        this.#place(message.session);
        break;
      case "reattach":
        this.#isUsable = true;
        this.#attach();
        break;
      case "probed":
        if (!this.#roundTrip.answered(message.probe, performance.now())) break;
        this.#update({ roundTripMs: this.#roundTrip.estimateMs });
        this.#probe(this.#roundTrip.again(performance.now()));
        break;
      case "notice":
        this.#update({ notices: addNotice(this.#snapshot.notices, message.notice) });
        break;
      default:
        this.terminals.take(message);
    }
  }

  #place({ state, reachable, terminals }: Session): void {
    const isUsable = state === "ready" && reachable;
    // While the container is away nothing is known of its terminals.
    if (isUsable) this.terminals.learn(terminals);
    this.#reach(isUsable);
  }

  #reach(isUsable: boolean): void {
    if (isUsable === this.#isUsable) return;
    this.#isUsable = isUsable;
    if (isUsable) this.#attach();
    else {
      this.#roundTrip.cut();
      this.#update({ roundTripMs: null });
      this.terminals.reach(false);
    }
  }

  #attach(): void {
    this.terminals.reach(true);
    this.#probe(this.#roundTrip.attached(performance.now()));
  }

  #probe(probe: number | null): void {
    if (probe !== null) this.#socket.send({ type: "probe", probe, at: "container" });
  }

  #update(change: Partial<LabSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}
