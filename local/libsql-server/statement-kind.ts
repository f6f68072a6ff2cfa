// Which statements the server runs and how each touches the one write transaction: decided from the text, before the engine is asked.

import { HranaError } from "./hrana-error.ts";
import type { SqlStatement } from "./sql-text.ts";

/**
 * - begin_write, begin_read_only, begin: open a transaction (a savepoint outside one opens it too)
 * - end: may close it (commit, rollback, release)
 * - read: changes no row
 * - vacuum: a write that can be no part of a transaction
 * - write: everything else, also what is only possibly a write
 */
export type StatementKind = "begin_write" | "begin_read_only" | "begin" | "end" | "read" | "write" | "vacuum";

/** True for statements without arguments or rows that begin or end a transaction. */
export function isTransactionControl(kind: StatementKind): boolean {
  return kind === "begin_write" || kind === "begin_read_only" || kind === "begin" || kind === "end";
}

/** Pragmas that tell and change nothing, with an argument or without. */
const TELLING: ReadonlySet<string> = new Set([
  "TABLE_INFO",
  "TABLE_XINFO",
  "TABLE_LIST",
  "INDEX_LIST",
  "INDEX_INFO",
  "INDEX_XINFO",
  "FOREIGN_KEY_LIST",
  "FOREIGN_KEY_CHECK",
  "INTEGRITY_CHECK",
  "QUICK_CHECK",
]);

/** Pragmas that may be set: they last as long as the stream. */
const SETTABLE: ReadonlySet<string> = new Set(["FOREIGN_KEYS", "DEFER_FOREIGN_KEYS"]);

/** Pragmas that may only be read, since setting them would change the file or its durability for everybody. */
const READABLE: ReadonlySet<string> = new Set([
  "APPLICATION_ID",
  "COLLATION_LIST",
  "COMPILE_OPTIONS",
  "DATA_VERSION",
  "DATABASE_LIST",
  "ENCODING",
  "FREELIST_COUNT",
  "FUNCTION_LIST",
  "JOURNAL_MODE",
  "PAGE_COUNT",
  "PAGE_SIZE",
  "SCHEMA_VERSION",
  "SYNCHRONOUS",
  "USER_VERSION",
]);

/** True for kinds that wait for the write turn. */
export function needsWriteTurn(kind: StatementKind): boolean {
  return kind === "write" || kind === "vacuum" || kind === "begin_write";
}

/** Tells the kind of a statement, or throws STATEMENT_REFUSED for one that must not run here. */
export function classifyStatement(statement: SqlStatement): StatementKind {
  const words = statement.lead;
  refuseForeign(words, statement.sql);
  switch (words[0]) {
    case "BEGIN":
      if (words.includes("IMMEDIATE") || words.includes("EXCLUSIVE")) return "begin_write";
      return words.includes("READONLY") ? "begin_read_only" : "begin";
    case "SAVEPOINT":
      return "begin";
    case "COMMIT":
    case "END":
    case "ROLLBACK":
    case "RELEASE":
      return "end";
    case "SELECT":
    case "VALUES":
    case "PRAGMA":
      return "read";
    case "WITH":
      return statement.mentionsWrite ? "write" : "read";
    case "VACUUM":
      return "vacuum";
    default:
      return "write";
  }
}

function refuseForeign(words: readonly string[], sql: string): void {
  const refuse = (what: string): never => {
    throw new HranaError("STATEMENT_REFUSED", `${what} is not available on this server`);
  };
  // These reach other files.
  if (words[0] === "ATTACH" || words[0] === "DETACH") refuse(words[0]);
  if (words[0] === "VACUUM" && words.includes("INTO")) refuse("VACUUM INTO");
  // The engine never ends an EXPLAIN, which then holds back every later commit of its connection.
  if (words[0] === "EXPLAIN") refuse("EXPLAIN");
  if (words[0] !== "PRAGMA") return;
  const [, first = "", dot, second = ""] = words;
  const isQualified = dot === ".";
  const name = isQualified ? second : first;
  const next = words[isQualified ? 4 : 2];
  const hasArgument = next === "=" || next === "(";
  if (TELLING.has(name) || SETTABLE.has(name)) return;
  if (READABLE.has(name) && !hasArgument) return;
  refuse(sql.length > 80 ? `PRAGMA ${name}` : sql);
}
