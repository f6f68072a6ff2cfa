// A tab that counts what it is sent, and draws and returns marks only as a test wants.

import type { Session } from "#wire/session.ts";
import { decodeBrowserFrame } from "#wire/terminal-frame.ts";
import type { EdgeMessage } from "#wire/terminal.ts";
import { costOf } from "../../../worker/session/unread.ts";
import type { Learner } from "./learner.ts";
import { WirePeer } from "./wire-peer.ts";

export type Habits = { draws: boolean; returnsMarks: boolean };

export class CountingTab {
  readonly habits: Habits;
  readonly marks: number[] = [];
  readonly said: EdgeMessage[] = [];
  session: Session | null = null;
  /** Where the next output belongs, and what of it came elsewhere. */
  shown = 0;
  faults = 0;
  /** Sent since the last mark that was returned, as the object counts it; no later than that mark. */
  unread = 0;
  #peer: WirePeer | null = null;

  constructor(habits: Habits) {
    this.habits = habits;
  }

  static async dial(learner: Learner, session: string, habits: Habits): Promise<CountingTab> {
    const tab = new CountingTab(habits);
    tab.#peer = await WirePeer.dialBrowser(learner, session, {
      onText: (text) => tab.#hear(text),
      onBytes: (bytes) => tab.#show(bytes),
    });
    return tab;
  }

  get peer(): WirePeer {
    if (this.#peer === null) throw new Error("dial first");
    return this.#peer;
  }

  say(message: object): void {
    this.peer.say(message);
  }

  until(condition: () => boolean, what: string): Promise<void> {
    return this.peer.until(condition, what);
  }

  async closeName(): Promise<string | null> {
    await this.until(() => this.peer.closeName !== null, "the close");
    return this.peer.closeName;
  }

  /** Returns all marks that are out. */
  read(): void {
    for (const mark of this.marks.splice(0)) this.say({ type: "read", mark });
  }

  #hear(text: string): void {
    this.unread += costOf(text.length);
    const message: EdgeMessage = JSON.parse(text);
    this.said.push(message);
    if (message.type === "session") this.session = message.session;
    if (message.type === "opened") this.shown = message.offset;
    if (message.type !== "mark") return;
    this.marks.push(message.mark);
    if (!this.habits.returnsMarks) return;
    this.unread = 0;
    this.read();
  }

  #show(bytes: Uint8Array): void {
    this.unread += costOf(bytes.length);
    const frame = decodeBrowserFrame(bytes, bytes.length);
    if (frame === null || frame.offset !== this.shown) this.faults += 1;
    else this.shown = frame.offset + frame.payload.length;
    if (this.habits.draws) this.say({ type: "ack", terminal: 0, offset: this.shown });
  }
}
