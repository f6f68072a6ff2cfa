// One Hrana stream: runs its requests in order on its own connection, under the one write turn.

import { isConditionMet, refuseForwardConditions, type StepOutcome } from "./batch-condition.ts";
import { bindArguments } from "./bind-arguments.ts";
import type { Connection, StatementResult } from "./connection.ts";
import { HranaError } from "./hrana-error.ts";
import type { BatchStep, HranaStatement, StreamRequest } from "./hrana-request.ts";
import type { LibsqlLimits } from "./limits.ts";
import type { AnswerRoom } from "./row-reading.ts";
import { type SqlStatement, splitStatements } from "./sql-text.ts";
import { classifyStatement, isTransactionControl, needsWriteTurn } from "./statement-kind.ts";
import { TransactionWatch } from "./transaction-watch.ts";
import type { WriteTurn } from "./write-turn.ts";

export type StreamResult =
  | { type: "ok"; response: { type: StreamRequest["type"]; result?: unknown; is_autocommit?: boolean } }
  | { type: "error"; error: HranaError };

export class Stream {
  readonly #connection: Connection;
  readonly #limits: LibsqlLimits;
  readonly #watch: TransactionWatch;
  readonly #storedSql = new Map<number, string>();
  #isClosed = false;

  constructor(connection: Connection, turn: WriteTurn, limits: LibsqlLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#watch = new TransactionWatch(turn, limits.writeTurnWaitMs);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Answers one request; an error is an answer too, and the next request still runs. */
  async answer(request: StreamRequest, room: AnswerRoom): Promise<StreamResult> {
    try {
      if (this.#isClosed) throw new HranaError("STREAM_CLOSED", "The stream was closed before this request");
      const result = await this.#perform(request, room);
      return { type: "ok", response: { type: request.type, ...result } };
    } catch (error) {
      if (this.#connection.isBroken) this.#isClosed = true;
      if (error instanceof HranaError) return { type: "error", error };
      throw error;
    }
  }

  /** Gives up the write turn, once the connection is rolled back. */
  end(): void {
    this.#isClosed = true;
    this.#watch.leave();
  }

  async #perform(request: StreamRequest, room: AnswerRoom): Promise<{ result?: unknown; is_autocommit?: boolean }> {
    switch (request.type) {
      case "execute":
        return { result: await this.#execute(request.stmt, room) };
      case "batch":
        return { result: await this.#runBatch(request.batch.steps, room) };
      case "sequence":
        await this.#runSequence(this.#readSql(request), room);
        return {};
      case "describe":
        return { result: this.#describe(this.#readSql(request)) };
      case "store_sql":
        this.#storeSql(request.sql_id, request.sql);
        return {};
      case "close_sql":
        this.#storedSql.delete(request.sql_id);
        return {};
      case "get_autocommit":
        return { is_autocommit: !this.#connection.inTransaction };
      case "close":
        this.#isClosed = true;
        return {};
    }
  }

  async #execute(statement: HranaStatement, room: AnswerRoom): Promise<StatementResult> {
    return await this.#run(onlyStatement(this.#readSql(statement)), statement, room);
  }

  async #runBatch(steps: readonly BatchStep[], room: AnswerRoom): Promise<unknown> {
    const results: (StatementResult | null)[] = [];
    const errors: (HranaError | null)[] = [];
    const outcomes: StepOutcome[] = [];
    refuseForwardConditions(steps.map(({ condition }) => condition));
    for (const { condition, stmt } of steps) {
      const isDue = !condition || isConditionMet(condition, outcomes, !this.#connection.inTransaction);
      let result: StatementResult | null = null;
      let error: HranaError | null = null;
      try {
        if (isDue) result = await this.#execute(stmt, room);
      } catch (thrown) {
        if (!(thrown instanceof HranaError)) throw thrown;
        error = thrown;
      }
      results.push(result);
      errors.push(error);
      outcomes.push(result ? "ok" : error ? "error" : "skipped");
      if (this.#connection.isBroken) throw error ?? new HranaError("STREAM_CLOSED", "The stream was closed");
    }
    return { step_results: results, step_errors: errors };
  }

  async #runSequence(sql: string, room: AnswerRoom): Promise<void> {
    const statements = splitStatements(sql);
    if (statements.length > this.#limits.statementsPerSequence) {
      throw new HranaError(
        "SQL_MANY_STATEMENTS",
        `A sequence may hold ${this.#limits.statementsPerSequence} statements`,
      );
    }
    const withoutArguments = { args: [], named_args: [], want_rows: false };
    for (const statement of statements) await this.#run(statement, withoutArguments, room);
  }

  async #run(
    statement: SqlStatement,
    input: Pick<HranaStatement, "args" | "named_args" | "want_rows">,
    room: AnswerRoom,
  ): Promise<StatementResult> {
    const kind = classifyStatement(statement);
    const values = bindArguments(statement.parameters, input);
    await this.#watch.enter(kind, this.#connection);
    try {
      if (isTransactionControl(kind)) return this.#connection.control(statement.sql);
      const options = { values, wantRows: input.want_rows, isWrite: kind === "write" };
      return this.#connection.run(statement.sql, options, room);
    } finally {
      this.#watch.note(kind, this.#connection);
    }
  }

  #describe(sql: string): unknown {
    const statement = onlyStatement(sql);
    const kind = classifyStatement(statement);
    if (statement.lead[0] === "PRAGMA" && statement.lead.some((token) => token === "=" || token === "(")) {
      throw new HranaError("STATEMENT_REFUSED", "The engine would run this PRAGMA while describing it");
    }
    return {
      params: statement.parameters.map((name) => ({ name })),
      cols: this.#connection.columns(statement.sql),
      is_explain: false,
      is_readonly: !needsWriteTurn(kind),
    };
  }

  #storeSql(id: number, sql: string): void {
    if (this.#storedSql.has(id)) throw new HranaError("SQL_ID_IN_USE", `SQL ${id} is stored already`);
    if (this.#storedSql.size >= this.#limits.storedSqlPerStream) {
      throw new HranaError("SQL_STORE_FULL", `A stream may store ${this.#limits.storedSqlPerStream} SQL texts`);
    }
    this.#storedSql.set(id, sql);
  }

  #readSql(source: { sql?: string | null | undefined; sql_id?: number | null | undefined }): string {
    const { sql, sql_id: id } = source;
    if (typeof sql === "string" && typeof id !== "number") return sql;
    if (typeof id !== "number" || typeof sql === "string") {
      throw new HranaError("SQL_SOURCE_INVALID", "Exactly one of sql and sql_id must be given");
    }
    const stored = this.#storedSql.get(id);
    if (stored === undefined) throw new HranaError("SQL_NOT_FOUND", `SQL ${id} is not stored on this stream`);
    return stored;
  }
}

function onlyStatement(sql: string): SqlStatement {
  const [first, second] = splitStatements(sql);
  if (first === undefined) throw new HranaError("SQL_NO_STATEMENT", "The SQL holds no statement");
  if (second !== undefined) throw new HranaError("SQL_MANY_STATEMENTS", "The SQL holds more than one statement");
  return first;
}
