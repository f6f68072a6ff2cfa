// One connection to the database file: the only file that knows the embedded libSQL engine and its traps.
//
// The traps, each measured on libsql 0.5.29:
// - A statement that met SQLITE_BUSY stays half-run, and later writes of its connection then never commit though they
//   report success. So writers take turns before the engine is asked (write-turn.ts); should another process hold the
//   file all the same, the connection is given up.
// - run() on a statement that returns rows, and a row cursor left early, stay half-run too and keep their lock.
// - close() keeps file descriptors until statements are collected, so connections are reused (connection-pool.ts).
// - A boolean argument or a result text that is not UTF-8 (only `CAST(blob AS TEXT)` makes one) aborts the process.

import assert from "node:assert/strict";
import Database from "libsql";
import { HranaError } from "./hrana-error.ts";
import type { EngineValue, HranaValue } from "./hrana-value.ts";
import { type AnswerRoom, drain, type RowReading, readRows } from "./row-reading.ts";

export interface ResultColumn {
  readonly name: string;
  readonly decltype: string | null;
}

export interface StatementResult {
  readonly cols: readonly ResultColumn[];
  readonly rows: readonly HranaValue[][];
  readonly affected_row_count: number;
  readonly last_insert_rowid: string | null;
}

export interface RunOptions {
  readonly values: readonly EngineValue[];
  readonly wantRows: boolean;
  readonly isWrite: boolean;
}

export class Connection {
  readonly #database: Database.Database;
  readonly #counters: Database.Statement;
  #totalChanges = 0n;
  #isBroken = false;

  constructor(file: string) {
    this.#database = new Database(file, { timeout: 0 });
    this.#database.defaultSafeIntegers(true);
    // FULL: an acknowledged commit is on the disk, as it is with Turso.
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    this.#counters = this.#database.prepare("SELECT changes(), total_changes(), last_insert_rowid()").raw();
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** True once a statement is left half-run: nothing that this connection reports can be trusted any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Runs SQL without arguments or rows, and leaves nothing of it behind in the engine. */
  control(sql: string): StatementResult {
    this.#guard(() => this.#database.exec(sql));
    return { cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null };
  }

  /** Runs one statement to its end. One whose rows do not fit into `room` is undone and throws RESPONSE_TOO_LARGE. */
  run(sql: string, { values, wantRows, isWrite }: RunOptions, room: AnswerRoom): StatementResult {
    return this.#guard(() => {
      const statement = this.#database.prepare(sql);
      if (!statement.reader) {
        statement.run([...values]);
        return { cols: [], rows: [], ...this.#countChanges() };
      }
      const cols = readColumns(statement);
      const cursor = () => statement.raw().iterate([...values]);
      const { rows } = isWrite ? this.#writeRows(cursor, wantRows, room) : this.#selectRows(cursor, wantRows, room);
      return { cols, rows, ...this.#countChanges() };
    });
  }

  columns(sql: string): ResultColumn[] {
    return this.#guard(() => {
      const statement = this.#database.prepare(sql);
      return statement.reader ? readColumns(statement) : [];
    });
  }

  /** True when the compiled program of `sql` opens no write transaction. */
  isReadOnly(sql: string): boolean {
    const program = this.#guard(() => this.#database.prepare(`EXPLAIN ${sql}`).raw().all());
    return !program.some((row) => {
      if (!Array.isArray(row)) return false;
      const [, opcode, , p2] = row;
      return opcode === "Vacuum" || (opcode === "Transaction" && p2 !== 0n);
    });
  }

  /** Rolls back what is open and forgets the stream's settings; false when this connection must not be used again. */
  reset(): boolean {
    if (this.#isBroken) return false;
    if (this.inTransaction) this.control("ROLLBACK");
    this.control("PRAGMA foreign_keys = ON; PRAGMA defer_foreign_keys = OFF");
    return this.#database.prepare("SELECT 1 FROM sqlite_temp_schema LIMIT 1").raw().all().length === 0;
  }

  close(): void {
    if (this.#database.open) this.#database.close();
  }

  /** An interrupt ends a select at its next step and leaves the transaction around it alone. */
  #selectRows(open: () => IterableIterator<unknown>, wantRows: boolean, room: AnswerRoom): RowReading {
    const cursor = open();
    const reading = readRows(cursor, wantRows, room);
    if (!reading.isCutShort) return reading;
    this.#interrupt();
    try {
      drain(cursor);
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_INTERRUPT") throw error;
    }
    if (reading.refusal) throw reading.refusal;
    return reading;
  }

  #interrupt(): void {
    // The package's types leave this method out.
    const database: object = this.#database;
    assert("interrupt" in database && typeof database.interrupt === "function");
    database.interrupt();
  }

  /** A write has made all its changes when its first row comes: it runs to its end and is undone if its rows are refused. */
  #writeRows(open: () => IterableIterator<unknown>, wantRows: boolean, room: AnswerRoom): RowReading {
    this.#database.exec("SAVEPOINT berth_answer");
    let refusal: HranaError | null = null;
    try {
      const cursor = open();
      const reading = readRows(cursor, wantRows, room);
      if (reading.isCutShort) drain(cursor);
      refusal = reading.refusal;
      if (refusal) throw refusal;
      return reading;
    } finally {
      // A conflict clause of the statement may have rolled the transaction back already.
      if (this.inTransaction) this.#settleSavepoint(refusal === null);
    }
  }

  #settleSavepoint(isKept: boolean): void {
    const undo = "ROLLBACK TO berth_answer; RELEASE berth_answer";
    try {
      this.#database.exec(isKept ? "RELEASE berth_answer" : undo);
    } catch (error) {
      // Outside a transaction the release commits, and a deferred foreign key can refuse that.
      if (isKept && this.inTransaction) this.#database.exec(undo);
      throw error;
    }
  }

  #countChanges(): Pick<StatementResult, "affected_row_count" | "last_insert_rowid"> {
    const [counters] = this.#counters.all();
    if (!Array.isArray(counters)) throw new Error("The engine's change counters cannot be read");
    const [changes, total, rowid] = counters;
    if (total === this.#totalChanges) return { affected_row_count: 0, last_insert_rowid: null };
    this.#totalChanges = total;
    return { affected_row_count: Number(changes), last_insert_rowid: String(rowid) };
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      if (/^SQLITE_(BUSY|LOCKED)/.test(error.code)) this.#isBroken = true;
      else this.#countChanges();
      throw new HranaError(error.code, error.message);
    }
  }
}

function readColumns(statement: Database.Statement): ResultColumn[] {
  return statement.columns().map(({ name, type }) => ({ name, decltype: type }));
}
