// Delivers a user's history to the database: in order, one request at a time, beside whatever else the object does, and again until it is taken.

import { limits } from "#wire/limits.ts";
import type { HistoryRow, WriteAnswer } from "../db/history-rows.ts";
import { logFault, logWarning } from "../log.ts";
import { edgeCounts } from "../metrics/edge-counts.ts";
import type { OutboxReport } from "../runner-pool/pool-calls.ts";
import type { OutboxStore } from "./outbox-store.ts";

/** What an outbox reaches the world by; `report` may fail. */
export type OutboxWays = {
  write(rows: readonly HistoryRow[]): Promise<WriteAnswer>;
  report(pool: string, report: OutboxReport): Promise<void>;
  /** Whose outbox it is and which pool hears of its parked rows; null before the first session. */
  owner(): { user: string; pool: string } | null;
  /** Something became due at another time. */
  setAlarm(now: number): void;
};

/** Delay after the failure that made it `failures` in a row; `random`, from 0 to 1, keeps objects that failed together apart. */
export function deliveryDelayMs(failures: number, random: number): number {
  const longest = Math.min(limits.outboxRetryFirstMs * 2 ** Math.min(failures - 1, 16), limits.outboxRetryMaxMs);
  return Math.round(longest * (1 - random / 4));
}

export class Outbox {
  readonly #store: OutboxStore;
  readonly #ways: OutboxWays;
  #isBusy = false;

  constructor(store: OutboxStore, ways: OutboxWays) {
    this.#store = store;
    this.#ways = ways;
  }

  /** Begins what is due. Nothing waits for it: what it leaves undone is in the tables, and the alarm comes back to it. */
  deliver(now: number): void {
    const nextAt = this.#store.nextAt(now);
    if (!this.#isBusy && nextAt !== null && nextAt <= now) void this.#deliverDue(now);
  }

  /** Has parked rows tried again at once; answers how many there were. */
  retry(now: number): number {
    const rows = this.#store.unpark();
    edgeCounts.outbox.rows.retried += rows;
    // Also when there were none: the pool had listed some.
    this.#store.noteDelivery({ failures: 0, nextTryAt: 0, reportAt: now });
    this.#ways.setAlarm(now);
    this.deliver(now);
    return rows;
  }

  async #deliverDue(now: number): Promise<void> {
    this.#isBusy = true;
    try {
      if ((this.#store.tryAt(now) ?? Number.POSITIVE_INFINITY) <= now) await this.#deliverRows(now);
      if ((this.#store.delivery().reportAt ?? Number.POSITIVE_INFINITY) <= Date.now()) await this.#report(Date.now());
    } catch (error) {
      logFault("outbox", error);
    } finally {
      this.#isBusy = false;
      this.#ways.setAlarm(Date.now());
    }
  }

  /** The failure is noted before anything is sent, so that a delivery which dies with the object is made again, later. */
  async #deliverRows(now: number): Promise<void> {
    const failures = this.#store.delivery().failures + 1;
    this.#store.noteDelivery({ failures, nextTryAt: now + deliveryDelayMs(failures, Math.random()) });
    this.#ways.setAlarm(now);
    let count: number = limits.outboxBatchRows;
    for (let request = 0; request < limits.outboxRequestsPerDelivery; request++) {
      const rows = this.#store.due(count, Date.now());
      if (rows.length === 0) break;
      edgeCounts.outbox.requests.begun += 1;
      const answer = await this.#ways.write(rows);
      edgeCounts.outbox.requests[answer.outcome] += 1;
      if (answer.outcome === "away") {
        if (failures === 1) logWarning("history waits for the database", { code: answer.code, rows: rows.length });
        return;
      }
      count = answer.outcome === "written" ? this.#noteWritten(rows) : this.#noteRefused(rows, answer);
    }
    this.#store.noteDelivery({ failures: 0, nextTryAt: 0 });
  }

  /** Both answer how many rows the next request may have. */
  #noteWritten(rows: readonly HistoryRow[]): number {
    this.#store.remove(rows);
    edgeCounts.outbox.rows.delivered += rows.length;
    return limits.outboxBatchRows;
  }

  #noteRefused(rows: readonly HistoryRow[], { index, code }: WriteAnswer & { outcome: "refused" }): number {
    const refused = rows[rows.length === 1 ? 0 : (index ?? rows.length)];
    if (refused === undefined) return Math.ceil(rows.length / 2);
    const now = Date.now();
    const refusals = this.#store.noteRefusal(refused, code);
    edgeCounts.outbox.rows.refused += 1;
    if (refusals < limits.outboxRefusalsMax) {
      this.#store.postpone(refused, now + deliveryDelayMs(refusals, Math.random()));
    } else {
      this.#store.park(refused, now);
      this.#store.noteDelivery({ reportAt: now });
      edgeCounts.outbox.rows.parked += 1;
      const { id, user, session, kind } = refused;
      logFault("history row parked", code, { row: id, user, session, kind, refusals });
    }
    return limits.outboxBatchRows;
  }

  /** One pool lists this user until nothing is parked any more, also when sessions go to another one meanwhile. */
  async #report(now: number): Promise<void> {
    const owner = this.#ways.owner();
    if (owner === null) return this.#store.noteDelivery({ reportAt: null });
    const pool = this.#store.delivery().reportPool ?? owner.pool;
    const parked = this.#store.parked();
    this.#store.noteDelivery({ reportPool: pool, reportAt: now + limits.outboxRetryMaxMs });
    this.#ways.setAlarm(now);
    await this.#ways.report(pool, { user: owner.user, parked });
    const rows = parked?.rows ?? 0;
    if ((this.#store.parked()?.rows ?? 0) !== rows) this.#store.noteDelivery({ reportAt: Date.now() });
    else if (rows > 0) this.#store.noteDelivery({ reportAt: now + limits.outboxReportEveryMs });
    else this.#store.noteDelivery({ reportAt: null, reportPool: null });
  }
}
