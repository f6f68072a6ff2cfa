// The pool's list of users whose history has rows that the database refuses: an index, so that an operator wakes nobody to find them; each user's object says again what is true.

import type { ParkedOutboxes } from "#wire/history.ts";
import { limits } from "#wire/limits.ts";
import type { OutboxReport } from "./pool-calls.ts";

type ParkedRow = { user: string; rows: number; since: number; code: string; reported_at: number };

export class ParkedOutboxList {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS parked_outboxes (
        user TEXT PRIMARY KEY, rows INTEGER NOT NULL, since INTEGER NOT NULL, code TEXT NOT NULL, reported_at INTEGER NOT NULL);
    `);
  }

  note({ user, parked }: OutboxReport, now: number): void {
    if (parked === null) this.#sql.exec("DELETE FROM parked_outboxes WHERE user = ?", user);
    else {
      const values = [user, parked.rows, parked.since, parked.code, now];
      this.#sql.exec("INSERT OR REPLACE INTO parked_outboxes VALUES (?, ?, ?, ?, ?)", ...values);
    }
  }

  read(): ParkedOutboxes {
    const totals = this.#sql
      .exec<{ users: number; rows: number }>(
        "SELECT count(*) AS users, coalesce(sum(rows), 0) AS rows FROM parked_outboxes",
      )
      .one();
    const parked = this.#sql
      .exec<ParkedRow>("SELECT * FROM parked_outboxes ORDER BY since, user LIMIT ?", limits.outboxUsersShown)
      .toArray()
      .map(({ reported_at, ...row }) => ({ ...row, reportedAt: reported_at }));
    return { ...totals, parked };
  }

  has(user: string): boolean {
    return this.#sql.exec("SELECT 1 FROM parked_outboxes WHERE user = ?", user).toArray().length > 0;
  }
}
