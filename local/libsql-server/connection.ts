// One connection to the database file: the only file that knows the embedded libSQL engine and its traps.
//
// The traps, each measured on libsql 0.5.29:
// - A statement that met SQLITE_BUSY stays half-run, and later writes of its connection then never commit though they
//   report success. So writers take turns before the engine is asked (write-turn.ts); should another process hold the
//   file all the same, the connection is given up. Each write has a savepoint around it, whose release would fail then.
// - run() on a statement that returns rows, a row cursor left early and any EXPLAIN stay half-run too.
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

const NO_ROWS: RowReading = { rows: [], isCutShort: false, refusal: null };

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
      const cols = statement.reader ? readColumns(statement) : [];
      const step = (): RowReading => {
        if (statement.reader) return this.#readRows(statement.raw().iterate([...values]), wantRows, isWrite, room);
        statement.run([...values]);
        return NO_ROWS;
      };
      const { rows } = isWrite ? this.#inSavepoint(step) : step();
      return { cols, rows, ...this.#countChanges() };
    });
  }

  columns(sql: string): ResultColumn[] {
    return this.#guard(() => {
      const statement = this.#database.prepare(sql);
      return statement.reader ? readColumns(statement) : [];
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

  #readRows(cursor: IterableIterator<unknown>, wantRows: boolean, isWrite: boolean, room: AnswerRoom): RowReading {
    const reading = readRows(cursor, wantRows, room);
    if (reading.isCutShort) {
      // A write has made its changes when its first row comes, and there is an end to its rows.
      if (isWrite) drain(cursor);
      else this.#interrupt(cursor);
    }
    if (reading.refusal) throw reading.refusal;
    return reading;
  }

  /** Ends a select at its next step; the transaction around it is left alone. */
  #interrupt(cursor: IterableIterator<unknown>): void {
    // The package's types leave this method out.
    const database: object = this.#database;
    assert("interrupt" in database && typeof database.interrupt === "function");
    database.interrupt();
    try {
      drain(cursor);
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_INTERRUPT") throw error;
    }
  }

  /** Undoes a write whose answer is refused here; what the engine itself refuses it undoes as its conflict clause says. */
  #inSavepoint(step: () => RowReading): RowReading {
    this.#database.exec("SAVEPOINT berth_write");
    let isKept = true;
    try {
      return step();
    } catch (error) {
      isKept = !(error instanceof HranaError);
      throw error;
    } finally {
      // ON CONFLICT ROLLBACK has ended the transaction, and with it the savepoint.
      if (this.inTransaction) this.#settleSavepoint(isKept);
    }
  }

  #settleSavepoint(isKept: boolean): void {
    const undo = "ROLLBACK TO berth_write; RELEASE berth_write";
    try {
      this.#database.exec(isKept ? "RELEASE berth_write" : undo);
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
