// The SQLite tables of a user's object: the session, its pending effects, what its outbox holds, and answered operations by Idempotency-Key.

import { limits } from "#wire/limits.ts";
import type { Session } from "#wire/session.ts";
import type { HistoryRow } from "../db/history-rows.ts";
import { nextAlarmAt } from "./alarms.ts";
import { effectKey, isWanted, retryDelayMs } from "./effects.ts";
import { OutboxStore } from "./outbox-store.ts";
import type { Effect, SessionState } from "./session-state.ts";
import { fillTimes } from "./session-times.ts";

/** No earlier alarm is put off by more than that. */
const WAKE_SOON_MS = 1_000;

export type PendingEffect = { key: string; effect: Effect; attempts: number; nextTryAt: number };
export type Operation = { challenge: string; outcome: "created" | "resumed"; session: Session };

export class SessionStore {
  readonly outbox: OutboxStore;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.outbox = new OutboxStore(storage);
    storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS effects (
        key TEXT PRIMARY KEY, effect TEXT NOT NULL, attempts INTEGER NOT NULL, next_try_at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS operations (
        key TEXT PRIMARY KEY, challenge TEXT NOT NULL, outcome TEXT NOT NULL, session TEXT NOT NULL, created_at INTEGER NOT NULL);
    `);
  }

  load(): SessionState {
    const [row] = this.#storage.sql.exec<{ state: string }>("SELECT state FROM session").toArray();
    if (row === undefined) return { state: "none" };
    const stored = JSON.parse(row.state);
    return { ...stored, ...fillTimes(stored, Date.now()) };
  }

  /** Stores the state, its new effects, what it adds to the history and the alarm as one; effects that the state has moved past go. */
  commit(state: SessionState, effects: Effect[], history: readonly HistoryRow[], now: number): void {
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      sql.exec(
        "INSERT INTO session VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state",
        JSON.stringify(state),
      );
      for (const effect of effects) {
        sql.exec(
          "INSERT INTO effects VALUES (?, ?, 0, ?) ON CONFLICT (key) DO UPDATE SET attempts = 0, next_try_at = excluded.next_try_at",
          effectKey(effect),
          JSON.stringify(effect),
          now,
        );
      }
      for (const { key, effect } of this.pendingEffects()) {
        if (!isWanted(effect, state)) this.#forgetEffect(key);
      }
      this.outbox.add(history);
      this.setAlarm(state, now);
    });
  }

  pendingEffects(): PendingEffect[] {
    return this.#storage.sql
      .exec<{ key: string; effect: string; attempts: number; next_try_at: number }>(
        "SELECT * FROM effects ORDER BY next_try_at",
      )
      .toArray()
      .map((row) => ({
        key: row.key,
        effect: JSON.parse(row.effect),
        attempts: row.attempts,
        nextTryAt: row.next_try_at,
      }));
  }

  /** Written before an attempt, so that one that dies with the object is tried again. */
  noteAttempt({ key, attempts }: PendingEffect, state: SessionState, now: number): void {
    const nextTryAt = now + retryDelayMs(attempts);
    this.#storage.sql.exec(
      "UPDATE effects SET attempts = ?, next_try_at = ? WHERE key = ?",
      attempts + 1,
      nextTryAt,
      key,
    );
    this.setAlarm(state, now);
  }

  postponeEffect(key: string, nextTryAt: number, state: SessionState, now: number): void {
    this.#storage.sql.exec("UPDATE effects SET next_try_at = ? WHERE key = ?", nextTryAt, key);
    this.setAlarm(state, now);
  }

  finishEffect(key: string, state: SessionState, now: number): void {
    this.#forgetEffect(key);
    this.setAlarm(state, now);
  }

  finishRelease(session: string, epoch: number, state: SessionState, now: number): void {
    this.finishEffect(effectKey({ kind: "release", session, epoch }), state, now);
  }

  /** Storage errors break the object's output gate, so the promises need no watching. */
  setAlarm(state: SessionState, now: number): void {
    const next = nextAlarmAt(state, this.#nextRetryAt(now), now);
    if (next === null) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(Math.max(next, now + 1));
  }

  /** For what is worth storing and must hold up nothing that is sent meanwhile: the alarm stores it. */
  wakeSoon(now: number): void {
    void this.#storage.setAlarm(now + WAKE_SOON_MS, { allowUnconfirmed: true });
  }

  findOperation(key: string, now: number): Operation | null {
    const [row] = this.#storage.sql
      .exec<{ challenge: string; outcome: "created" | "resumed"; session: string }>(
        "SELECT challenge, outcome, session FROM operations WHERE key = ? AND created_at > ?",
        key,
        now - limits.idempotencyKeepMs,
      )
      .toArray();
    return row === undefined
      ? null
      : { challenge: row.challenge, outcome: row.outcome, session: JSON.parse(row.session) };
  }

  storeOperation(key: string, { challenge, outcome, session }: Operation, now: number): void {
    const { sql } = this.#storage;
    sql.exec(
      "INSERT OR REPLACE INTO operations VALUES (?, ?, ?, ?, ?)",
      key,
      challenge,
      outcome,
      JSON.stringify(session),
      now,
    );
    sql.exec(
      "DELETE FROM operations WHERE key NOT IN (SELECT key FROM operations ORDER BY created_at DESC, rowid DESC LIMIT ?)",
      limits.idempotencyKeys,
    );
  }

  #nextRetryAt(now: number): number | null {
    const times = [this.pendingEffects()[0]?.nextTryAt, this.outbox.nextAt(now)].filter((at) => typeof at === "number");
    return times.length === 0 ? null : Math.min(...times);
  }

  #forgetEffect(key: string): void {
    this.#storage.sql.exec("DELETE FROM effects WHERE key = ?", key);
  }
}
