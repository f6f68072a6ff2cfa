// Owns the daemon's account of one terminal: its viewers, how far their clients have typed, and what the agent may still tell all of them.

import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";
import { type Judgement, ViewerAccount } from "./viewer-account.ts";

/** Eight times the tabs that a user may have: those that left count until the agent has answered them. */
export const VIEWERS_MAX = 8 * limits.browserSocketsPerUser;
/** A page opens once, and again after a gap; an agent that does not answer is asked no more. */
export const OPENS_PENDING_MAX = 8;

export type TerminalEvent = Extract<
  AgentMessage,
  { type: "opened" | "behind" | "truncated" | "received" | "resized" | "exited" | "open_failed" }
>;
type AddressedEvent = Exclude<TerminalEvent, { type: "exited" | "resized" }>;
type OpenedEvent = Extract<AddressedEvent, { type: "opened" }>;

export class TerminalAccount {
  readonly #viewers = new Map<number, ViewerAccount>();
  /** How far the clients of these viewers have typed, as far as the agent can know. */
  readonly #typed = new Map<string, number>();
  #instance: string | null = null;
  /** How far the most advanced viewer ever gave credit: the agent follows it until it has come to its leaving. */
  #creditEnd = 0;
  #sizesDue = 0;
  /** An end may be told with nobody there, or as the terminal is closed, and again to each who is shown it. */
  #exitsDue = 1;

  get viewers(): number {
    return this.#viewers.size;
  }

  /** False when it is one too many: it is not passed on. */
  noteOpen(connection: number, client: string, claimsSize: boolean): boolean {
    const known = this.#viewers.get(connection);
    if (known === undefined ? this.#viewers.size >= VIEWERS_MAX : known.opensPending >= OPENS_PENDING_MAX) return false;
    const viewer = known ?? new ViewerAccount(client);
    this.#viewers.set(connection, viewer);
    if (viewer.client !== client) {
      const former = viewer.client;
      viewer.changeClient(client, this.#typed.get(former) ?? 0);
      this.#forgetClient(former);
    }
    viewer.noteOpen();
    if (claimsSize) this.#sizesDue += 1;
    return true;
  }

  /** What is passed on of an acknowledgement; null when it is nobody's. */
  noteAck(connection: number, offset: number): number | null {
    const viewer = this.#viewers.get(connection);
    if (viewer === undefined) return null;
    const acked = viewer.noteAck(offset);
    this.#noteCredit(viewer);
    return acked;
  }

  /** False when it is nobody's: it is not passed on. So for the two below. */
  noteResize(connection: number): boolean {
    if (!this.#viewers.has(connection)) return false;
    this.#sizesDue += 1;
    return true;
  }

  noteInput({ connection, offset, payload }: RunnerFrame): boolean {
    const viewer = this.#viewers.get(connection);
    if (viewer === undefined) return false;
    // Whichever connection a client types on, its receipts go to the one that it opened last.
    for (const one of this.#viewers.values()) if (one.client === viewer.client) one.noteInput();
    this.#noteTyped(viewer.client, offset + payload.length);
    return true;
  }

  noteLeft(connection: number): boolean {
    const viewer = this.#viewers.get(connection);
    if (viewer === undefined) return false;
    viewer.hasLeft = true;
    this.#forgetLeft(connection, viewer);
    return true;
  }

  judgeEvent(event: TerminalEvent): Judgement {
    if (event.type === "exited") return this.#exitsDue-- > 0 ? "forward" : "violation";
    if (event.type === "resized") return this.#sizesDue-- > 0 ? "forward" : "violation";
    const viewer = this.#viewers.get(event.connection);
    if (viewer === undefined) return "drop";
    const judgement = this.#judgeAddressed(viewer, event);
    this.#noteCredit(viewer);
    if (!viewer.hasLeft || judgement === "violation") return judgement;
    this.#forgetLeft(event.connection, viewer);
    return "drop";
  }

  judgeOutput({ connection, offset, payload }: RunnerFrame): Judgement {
    const end = offset + payload.length;
    if (connection !== ALL_LIVE_VIEWERS) {
      const viewer = this.#viewers.get(connection);
      if (viewer === undefined) return "drop";
      const its = viewer.takeAddressed(offset, end);
      return viewer.hasLeft && its === "forward" ? "drop" : its;
    }
    if (this.#viewers.size > 0 && end > this.#creditEnd) return "violation";
    let judgement: Judgement = "drop";
    for (const viewer of this.#viewers.values()) {
      const its = viewer.takeLive(offset, end);
      if (its === "violation") return its;
      if (its === "forward" && !viewer.hasLeft) judgement = its;
    }
    return judgement;
  }

  #judgeAddressed(viewer: ViewerAccount, event: AddressedEvent): Judgement {
    switch (event.type) {
      case "opened":
        return this.#takeOpened(viewer, event);
      case "open_failed":
        return viewer.takeOpenFailed();
      case "behind":
        return viewer.takeBehind(event.offset);
      case "truncated":
        return viewer.takeTruncated(event.offset);
      case "received":
        return viewer.takeReceived(event.offset, this.#typed.get(viewer.client) ?? 0);
    }
  }

  #takeOpened(viewer: ViewerAccount, { connection, instance, offset, end, received }: OpenedEvent): Judgement {
    const judgement = viewer.takeOpened(offset, end);
    if (judgement === "violation") return judgement;
    if (this.#instance !== instance) this.#startInstance(instance, connection);
    this.#exitsDue += 1;
    this.#noteTyped(viewer.client, received);
    return judgement;
  }

  /** Who watched the instance before and has not asked for this one watches nothing. */
  #startInstance(instance: string, opener: number): void {
    this.#instance = instance;
    this.#creditEnd = 0;
    this.#exitsDue += 1;
    for (const [connection, viewer] of this.#viewers) {
      if (connection === opener) continue;
      viewer.endInstance();
      if (viewer.opensPending === 0) this.#forget(connection, viewer);
    }
  }

  #noteCredit(viewer: ViewerAccount): void {
    if (viewer.isWaiting) return;
    this.#creditEnd = Math.max(this.#creditEnd, viewer.creditEnd);
  }

  #noteTyped(client: string, end: number): void {
    this.#typed.set(client, Math.max(this.#typed.get(client) ?? 0, end));
  }

  #forgetLeft(connection: number, viewer: ViewerAccount): void {
    if (viewer.opensPending === 0) this.#forget(connection, viewer);
  }

  #forget(connection: number, viewer: ViewerAccount): void {
    this.#viewers.delete(connection);
    this.#forgetClient(viewer.client);
  }

  #forgetClient(client: string): void {
    for (const viewer of this.#viewers.values()) if (viewer.client === client) return;
    this.#typed.delete(client);
  }
}
