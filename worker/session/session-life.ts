// Drives a session's machine: stores each step before anything is told or done, tells the browsers, and carries the effects out.

import { newId } from "#wire/ids.ts";
import { deadlineSentence } from "#wire/session-deadline.ts";
import type { Session } from "#wire/session.ts";
import type { EdgeMessage } from "#wire/terminal.ts";
import type { HistoryRow } from "../db/history-rows.ts";
import { logFault } from "../log.ts";
import type { PoolCalls } from "../runner-pool/pool-calls.ts";
import { isLongAfter, noteActive } from "./activity.ts";
import { dueDeadlines } from "./alarms.ts";
import type { Connections } from "./connections.ts";
import { drawNumber } from "./draw-number.ts";
import { carryOut } from "./effects.ts";
import { historyOf } from "./history-entries.ts";
import { transition } from "./machine.ts";
import { Outbox, type OutboxWays } from "./outbox.ts";
import {
  type Active,
  type Effect,
  type Ended,
  isActive,
  type SessionEvent,
  type SessionState,
} from "./session-state.ts";
import { deadlineOf, followClock } from "./session-times.ts";
import { viewSession } from "./session-view.ts";
import type { PendingEffect, SessionStore } from "./store.ts";

export type PoolOf = (name: string) => Pick<PoolCalls, "place" | "release" | "noteOutbox">;

export class SessionLife {
  readonly #store: SessionStore;
  readonly #connections: Connections;
  readonly #poolOf: PoolOf;
  readonly #outbox: Outbox;
  #state: SessionState;
  #isNoteStored = true;
  readonly #carried = new Set<string>();
  #changed = Promise.withResolvers<void>();

  constructor(store: SessionStore, connections: Connections, poolOf: PoolOf, writeHistory: OutboxWays["write"]) {
    this.#store = store;
    this.#connections = connections;
    this.#poolOf = poolOf;
    this.#state = store.load();
    this.#outbox = new Outbox(store.outbox, {
      write: writeHistory,
      report: (pool, report) => poolOf(pool).noteOutbox(report),
      owner: () => (this.#state.state === "none" ? null : this.#state),
      setAlarm: (now) => store.setAlarm(this.#state, now),
    });
    this.recallActive(connections.data()?.attachment.activeAt ?? 0);
    // A restart of the edge closes every socket without a word.
    if (isActive(this.#state) && connections.data() === null)
      this.apply({ type: "data_cut", epoch: this.#state.epoch });
  }

  /** Input went to the container, or a job runs in its foreground: stored with the next step or alarm, and on the data socket until then. */
  noteActive(now: number): void {
    if (!isActive(this.#state)) return;
    const state = noteActive(this.#state, now);
    if (state === this.#state) return;
    if (isLongAfter(this.#state, now)) this.#store.wakeSoon(now);
    this.#state = state;
    this.#isNoteStored = false;
    const data = this.#connections.data();
    if (data !== null) {
      data.attachment.activeAt = now;
      data.save();
    }
    this.broadcast();
  }

  /** When memory was lost, a data socket may know of activity that was not stored. */
  recallActive(activeAt: number): void {
    if (!isActive(this.#state) || !(activeAt > this.#state.lastActiveAt)) return;
    this.#state = { ...this.#state, lastActiveAt: activeAt };
    this.#isNoteStored = false;
  }

  /** A clock that went back moves the session's times along. */
  followClock(now: number): void {
    if (!isActive(this.#state)) return;
    const state = followClock(this.#state, now);
    if (state === this.#state) return;
    this.#state = state;
    this.#commit([], now);
  }

  get state(): SessionState {
    return this.#state;
  }

  apply(event: SessionEvent): void {
    const now = Date.now();
    const { state, effects } = transition(this.#state, event, now);
    if (state === this.#state && effects.length === 0) {
      if (!this.#isNoteStored) this.#commit([], now);
      return;
    }
    const history = historyOf(this.#state, state, now).map((entry) => ({ id: newId("e"), ...entry }));
    this.#state = state;
    this.#commit(effects, now, history);
    if (event.type === "deadline" && event.deadline === "warning") this.#warn(now);
    this.broadcast();
    if (state.state !== "none" && !isActive(state)) {
      this.#connections.data()?.close("epoch_over");
      for (const browser of this.#connections.browsers()) browser.close("session_ended");
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    this.#runEffects(now);
    this.#outbox.deliver(now);
  }

  /** The object's one alarm. */
  wake(now: number): void {
    for (const deadline of dueDeadlines(this.#state, now)) this.apply({ type: "deadline", ...deadline });
    this.#runEffects(now);
    if (this.#isNoteStored) this.#store.setAlarm(this.#state, now);
    else this.#commit([], now);
    this.#outbox.deliver(now);
  }

  /** Answers how many parked rows of history are tried again. */
  retryOutbox(): number {
    return this.#outbox.retry(Date.now());
  }

  broadcast(): void {
    const session = this.#connections.browsers().length === 0 ? null : this.view();
    if (session !== null) this.tellBrowsers({ type: "session", session });
  }

  /** Answers how many there are. */
  tellBrowsers(message: EdgeMessage): number {
    const browsers = this.#connections.browsers();
    for (const browser of browsers) browser.tell(message);
    return browsers.length;
  }

  isSession(session: string): boolean {
    return this.#state.state !== "none" && this.#state.session === session;
  }

  /** The latest session, ended or not, or null when there never was one. */
  view(): Session | null {
    return this.#state.state === "none" ? null : this.#viewOf(this.#state);
  }

  async waitUntilSettled(session: string, waitMs: number): Promise<void> {
    const settled = new AbortController();
    const timeUp = scheduler.wait(waitMs, { signal: settled.signal }).then(
      () => true,
      () => true,
    );
    while (this.isSession(session) && isActive(this.#state) && this.#state.state !== "ready") {
      if (await Promise.race([timeUp, this.#changed.promise.then(() => false)])) return;
    }
    settled.abort();
  }

  #commit(effects: Effect[], now: number, history: readonly HistoryRow[] = []): void {
    this.#store.commit(this.#state, effects, history, now);
    this.#isNoteStored = true;
  }

  /** In the page and in the terminals: once, after it was stored that it was. */
  #warn(now: number): void {
    if (!isActive(this.#state)) return;
    const message = deadlineSentence(deadlineOf(this.#state), now);
    this.tellBrowsers({ type: "notice", notice: { code: "ends_soon", message } });
    this.#connections.data()?.tell({ type: "warn", message });
  }

  #viewOf(state: Active | Ended): Session {
    const data = this.#connections.data()?.attachment;
    return viewSession(state, { isReachable: (data?.generation ?? null) !== null, terminals: data?.terminals ?? [] });
  }

  /** Nothing waits for these promises: what they leave undone is in the table, and the alarm comes back to it. */
  #runEffects(now: number): void {
    for (const pending of this.#store.pendingEffects()) {
      if (pending.nextTryAt > now) continue;
      this.#store.noteAttempt(pending, this.#state, now);
      if (!this.#carried.has(pending.key)) void this.#carry(pending);
    }
  }

  async #carry({ key, effect }: PendingEffect): Promise<void> {
    this.#carried.add(key);
    try {
      const answer = await carryOut(effect, this.#poolOf, (version) => this.#lay(version));
      const now = Date.now();
      if (answer.outcome === "event") this.apply(answer.event);
      else if (answer.outcome === "done") this.#store.finishEffect(key, this.#state, now);
      else this.#store.postponeEffect(key, now + answer.inMs, this.#state, now);
    } catch (error) {
      logFault("effect", error, { effect: key });
    } finally {
      this.#carried.delete(key);
    }
  }

  /** Once per agent generation: a repeat could overwrite what the learner has written since. */
  #lay(version: string): void {
    const data = this.#connections.data();
    const generation = data?.attachment.generation ?? null;
    if (data === null || generation === null || data.attachment.lay?.generation === generation) return;
    const request = drawNumber();
    data.attachment.lay = { generation, request };
    data.save();
    data.tell({ type: "lay", request, version });
  }
}
