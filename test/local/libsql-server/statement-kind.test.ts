// Which statements may run, and which of them must wait for the write turn.

import { describe, expect, it } from "vitest";
import { splitStatements } from "../../../local/libsql-server/sql-text.ts";
import { classifyStatement } from "../../../local/libsql-server/statement-kind.ts";

function classify(sql: string) {
  const [statement] = splitStatements(sql);
  if (!statement) throw new Error("no statement");
  return classifyStatement(statement);
}

describe("classifyStatement", () => {
  it.each([
    ["SELECT 1", "read"],
    ["values (1)", "read"],
    ["with a as (select 1) select * from a", "read"],
    ["with a as (select 1) insert into b select * from a", "write"],
    ["insert into a values (1)", "write"],
    ["/* first */ update a set b = 1", "write"],
    ["create table a (b)", "write"],
    ["vacuum", "vacuum"],
    ["begin", "begin"],
    ["begin deferred transaction", "begin"],
    ["BEGIN TRANSACTION READONLY", "begin_read_only"],
    ["begin immediate", "begin_write"],
    ["begin exclusive transaction", "begin_write"],
    ["savepoint a", "begin"],
    ["commit", "end"],
    ["end transaction", "end"],
    ["rollback to a", "end"],
    ["release a", "end"],
    ["pragma foreign_keys = off", "read"],
    ["pragma main.table_info(a)", "read"],
    ["pragma journal_mode", "read"],
  ])("takes %s for %s", (sql, kind) => {
    expect(classify(sql)).toBe(kind);
  });

  it.each([
    "attach 'other.db' as other",
    "detach other",
    "vacuum into 'copy.db'",
    "vacuum main into 'copy.db'",
    "explain select 1",
    "explain query plan select 1",
    "pragma journal_mode = delete",
    "pragma journal_mode(delete)",
    "pragma main.journal_mode = delete",
    "pragma main.synchronous(off)",
    'pragma "synchronous" = off',
    "pragma [synchronous]",
    "pragma writable_schema = on",
    "pragma wal_checkpoint",
  ])("refuses %s", (sql) => {
    expect(() => classify(sql)).toThrow(expect.objectContaining({ code: "STATEMENT_REFUSED" }));
  });
});
