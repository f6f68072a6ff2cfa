// What the server does where the embedded engine by itself would lose a write, keep a lock or report something untrue.

import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it, onTestFinished } from "vitest";
import { Connection } from "../../../local/libsql-server/connection.ts";
import { codes, execute, makeDirectory, pipeline, rows, startServer } from "./test-server.ts";

const close = { type: "close" };
const count = execute("select count(*) from t");
const integer = (value: number) => [[{ type: "integer", value: String(value) }]];

describe("a lock that another process holds on the file", () => {
  it("costs the stream that met it, and no later write", async () => {
    const { url, file } = await startServer();
    await pipeline(url, [execute("create table t (a)"), close]);
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec("begin immediate");
    const met = await pipeline(url, [execute("insert into t values (1)"), execute("select 1")]);
    expect(codes(met)).toEqual(["SQLITE_BUSY", "STREAM_CLOSED"]);
    expect(met.baton).toBeNull();
    other.exec("commit");
    for (let i = 0; i < 3; i++) await pipeline(url, [execute("insert into t values (2)"), close]);
    expect(other.prepare("select count(*) from t").raw().all()).toEqual([[3]]);
  });
});

describe("writes on one stream after a statement that", () => {
  const table = execute("create table t (id integer primary key, a unique)");
  it.each([
    ["broke a constraint", execute("insert into t values (1, 1), (2, 1)")],
    ["broke a constraint with rows asked for", execute("insert into t values (1, 1), (2, 1) returning id")],
    ["broke a constraint and rolled back", execute("insert or rollback into t values (1, 1), (2, 1) returning id")],
    [
      "failed while it was read",
      execute("select json(case when value = 2 then '{' else '1' end) from json_each('[1,2,3]')"),
    ],
    [
      "gave rows that nobody wanted",
      { type: "execute", stmt: { sql: "insert into t values (1, 1) returning id", want_rows: false } },
    ],
    ["ran in a sequence", { type: "sequence", sql: "insert into t values (1, 1) returning id; select * from t" }],
    ["was described", { type: "describe", sql: "insert into t values (1, 1) returning id" }],
  ])("%s are seen by others at once", async (_, statement) => {
    const { url } = await startServer();
    const first = await pipeline(url, [
      table,
      statement,
      execute("delete from t"),
      execute("insert into t values (7, 7)"),
    ]);
    expect(codes(first).slice(2)).toEqual([null, null]);
    expect(rows(await pipeline(url, [count, close]))).toEqual(integer(1));
    expect(codes(await pipeline(url, [execute("insert into t values (8, 8)"), close]))).toEqual([null, null]);
    await pipeline(url, [close], first.baton);
  });

  it("keeps what came before the conflict with OR FAIL, as SQLite does", async () => {
    const { url } = await startServer();
    const write = execute("insert or fail into t values (1, 1), (2, 2), (3, 1)");
    const answer = await pipeline(url, [table, write, count, close]);
    expect(codes(answer)).toEqual([null, "SQLITE_CONSTRAINT_UNIQUE", null, null]);
    expect(rows(answer, 2)).toEqual(integer(2));
  });
});

describe("a stream that goes on", () => {
  it("sees what others write after its endless select was refused", async () => {
    const { url } = await startServer();
    const endless =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i, (select count(*) from t) from n";
    const first = await pipeline(url, [execute("create table t (a)"), execute(endless)]);
    expect(codes(first)).toEqual([null, "RESPONSE_TOO_LARGE"]);
    await pipeline(url, [execute("insert into t values (1)"), close]);
    expect(rows(await pipeline(url, [count, close], first.baton))).toEqual(integer(1));
  });

  it("is outside a transaction after a deferred foreign key refused its single write", async () => {
    const { url } = await startServer();
    const answer = await pipeline(url, [
      execute("create table p (id integer primary key)"),
      execute("create table t (p references p deferrable initially deferred)"),
      execute("insert into t values (1) returning p"),
      { type: "get_autocommit" },
      count,
    ]);
    expect(codes(answer)).toEqual([null, null, "SQLITE_CONSTRAINT_FOREIGNKEY", null, null]);
    expect(answer.results[3]).toMatchObject({ response: { is_autocommit: true } });
    expect(rows(answer, 4)).toEqual(integer(0));
    expect(codes(await pipeline(url, [execute("insert into p values (1)"), close]))).toEqual([null, null]);
  });
});

describe("Connection", () => {
  it("keeps its file with a log and full syncs, so that an acknowledged commit is on the disk", async () => {
    const connection = new Connection(join(await makeDirectory(), "berth.db"));
    onTestFinished(() => connection.close());
    const room = { rowsPerResult: 10, bytes: 1_000 };
    const options = { values: [], wantRows: true, isWrite: false };
    expect(connection.run("pragma journal_mode", options, room).rows).toEqual([[{ type: "text", value: "wal" }]]);
    expect(connection.run("pragma synchronous", options, room).rows).toEqual(integer(2));
  });

  it("vacuums", async () => {
    const { url } = await startServer();
    expect(codes(await pipeline(url, [execute("create table t (a)"), execute("vacuum"), close]))).toEqual([
      null,
      null,
      null,
    ]);
  });
});
