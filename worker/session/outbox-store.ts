// The SQLite tables of a user's outbox: rows of history that the database has not taken yet, and where their delivery stands.

import { limits } from "#wire/limits.ts";
import type { HistoryRow, SessionStart } from "../db/history-rows.ts";
import { edgeCounts } from "../metrics/edge-counts.ts";

export type ParkedSummary = { rows: number; since: number; code: string };

/** `failures` in a row, counting the delivery that runs. `reportAt`: when the pool is told of parked rows, or null. */
export type DeliveryState = { failures: number; nextTryAt: number; reportAt: number | null; reportPool: string | null };

const AT_FIRST: DeliveryState = { failures: 0, nextTryAt: 0, reportAt: null, reportPool: null };

type DeliveryRow = { failures: number; next_try_at: number; report_at: number | null; report_pool: string | null };

export class OutboxStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS outbox (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, session TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, row TEXT NOT NULL,
        refusals INTEGER NOT NULL DEFAULT 0, next_try_at INTEGER NOT NULL DEFAULT 0, code TEXT, parked_at INTEGER);
      CREATE INDEX IF NOT EXISTS outbox_by_try ON outbox (next_try_at) WHERE parked_at IS NULL;
      CREATE TABLE IF NOT EXISTS outbox_delivery (
        id INTEGER PRIMARY KEY CHECK (id = 1), failures INTEGER NOT NULL, next_try_at INTEGER NOT NULL, report_at INTEGER, report_pool TEXT);
    `);
  }

  /** Belongs into the transaction that stores the change which the rows tell of. */
  add(rows: readonly HistoryRow[]): void {
    for (const row of rows) {
      const { id, session, kind, at } = row;
      const values = [id, session, kind, at, JSON.stringify(row), at + limits.outboxGatherMs];
      this.#sql.exec(
        "INSERT INTO outbox (id, session, kind, at, row, next_try_at) VALUES (?, ?, ?, ?, ?, ?)",
        ...values,
      );
    }
    edgeCounts.outbox.rows.stored += rows.length;
  }

  isFull(): boolean {
    return this.#sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM outbox").one().rows >= limits.outboxRows;
  }

  /** What goes with a request that is made now, in order: all but what was refused lately; at most `count` rows, and of one batch's bytes unless the first is larger than that. */
  due(count: number, now: number): HistoryRow[] {
    const found = this.#sql.exec<{ row: string; bytes: number }>(
      "SELECT row, octet_length(row) AS bytes FROM outbox WHERE parked_at IS NULL AND (refusals = 0 OR next_try_at <= ? OR next_try_at > ?) ORDER BY place LIMIT ?",
      now,
      now + limits.outboxRetryMaxMs,
      count,
    );
    const rows: HistoryRow[] = [];
    let batchBytes = 0;
    for (const { row, bytes } of found.toArray()) {
      batchBytes += bytes;
      if (rows.length > 0 && batchBytes > limits.outboxBatchBytes) break;
      rows.push(JSON.parse(row));
    }
    return rows;
  }

  /** When the next row is sent, or null while there is none but parked ones. */
  tryAt(now: number): number | null {
    const { at } = this.#sql
      .exec<{ at: number | null }>("SELECT min(next_try_at) AS at FROM outbox WHERE parked_at IS NULL")
      .one();
    return at === null ? null : Math.max(reached(at, now), reached(this.delivery().nextTryAt, now));
  }

  remove(rows: readonly HistoryRow[]): void {
    for (const { id } of rows) this.#sql.exec("DELETE FROM outbox WHERE id = ?", id);
  }

  /** How often the row was refused by now. */
  noteRefusal({ id }: HistoryRow, code: string): number {
    return this.#sql
      .exec<{ refusals: number }>(
        "UPDATE outbox SET refusals = refusals + 1, code = ? WHERE id = ? RETURNING refusals",
        code,
        id,
      )
      .one().refusals;
  }

  postpone({ id }: HistoryRow, nextTryAt: number): void {
    this.#sql.exec("UPDATE outbox SET next_try_at = ? WHERE id = ?", nextTryAt, id);
  }

  park({ id }: HistoryRow, now: number): void {
    this.#sql.exec("UPDATE outbox SET parked_at = ? WHERE id = ?", now, id);
  }

  /** Answers how many rows were parked. */
  unpark(): number {
    return this.#sql
      .exec(
        "UPDATE outbox SET parked_at = NULL, refusals = 0, next_try_at = 0 WHERE parked_at IS NOT NULL RETURNING place",
      )
      .toArray().length;
  }

  parked(): ParkedSummary | null {
    const { rows, since, code } = this.#sql
      .exec<{ rows: number; since: number | null; code: string | null }>(
        "SELECT count(*) AS rows, min(parked_at) AS since, max(code) AS code FROM outbox WHERE parked_at IS NOT NULL",
      )
      .one();
    return since === null ? null : { rows, since, code: code ?? "" };
  }

  /**
   * Rows that a page of history needs beside the database's: those of the `count` newest sessions behind `before` that started in them, and
   * those of sessions whose start is in the database.
   */
  undelivered(before: SessionStart | null, count: number): HistoryRow[] {
    const { at, session } = before ?? { at: Number.MAX_SAFE_INTEGER, session: "" };
    return this.#sql
      .exec<{ row: string }>(
        `WITH starts AS (SELECT session, at FROM outbox WHERE kind = 'started')
        SELECT row FROM outbox WHERE session NOT IN (SELECT session FROM starts) OR session IN (
          SELECT session FROM starts WHERE at < ? OR (at = ? AND session < ?) ORDER BY at DESC, session DESC LIMIT ?)
        ORDER BY place`,
        at,
        at,
        session,
        count,
      )
      .toArray()
      .map(({ row }) => JSON.parse(row));
  }

  delivery(): DeliveryState {
    const [row] = this.#sql.exec<DeliveryRow>("SELECT * FROM outbox_delivery").toArray();
    if (row === undefined) return AT_FIRST;
    const { failures, next_try_at, report_at, report_pool } = row;
    return { failures, nextTryAt: next_try_at, reportAt: report_at, reportPool: report_pool };
  }

  noteDelivery(change: Partial<DeliveryState>): void {
    const { failures, nextTryAt, reportAt, reportPool } = { ...this.delivery(), ...change };
    const values = [failures, nextTryAt, reportAt, reportPool];
    this.#sql.exec("INSERT OR REPLACE INTO outbox_delivery VALUES (1, ?, ?, ?, ?)", ...values);
  }

  /** When the object has something to do for its outbox, or null. */
  nextAt(now: number): number | null {
    const { reportAt } = this.delivery();
    const tryAt = this.tryAt(now);
    if (tryAt === null || reportAt === null) return tryAt ?? reportAt;
    return Math.min(tryAt, reportAt);
  }
}

/** A time further away than any delay was set by a clock that went back since: it has come. */
function reached(at: number, now: number): number {
  return at > now + limits.outboxRetryMaxMs ? now : at;
}
