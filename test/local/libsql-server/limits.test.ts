// Each limit of the server at its edge: the last that passes and the first that does not.

import { describe, expect, it } from "vitest";
import { libsqlLimits } from "../../../local/libsql-server/limits.ts";
import { codes, execute, pipeline, post, refusal, rows, startServer } from "./test-server.ts";

const close = { type: "close" };
const series = (count: number) =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count}) select i from n`;

describe("limits of a request", () => {
  it("takes a body of exactly the limit and refuses one byte more, keeping the connection in order", async () => {
    const { url } = await startServer({ requestBodyBytes: 1_000 });
    const body = (bytes: number) => JSON.stringify({ requests: [close] }).padEnd(bytes);
    expect((await post(url, body(1_000))).status).toBe(200);
    expect(await refusal(await post(url, body(1_001)))).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect((await post(url, body(1_000))).status).toBe(200);
  });

  it("tells a client that sends far too much, instead of cutting it off", async () => {
    const { url } = await startServer();
    const body = new Uint8Array(libsqlLimits.requestBodyBytes * 2).fill(32);
    expect(await refusal(await post(url, body))).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
  });

  it.each([
    ["requests in a pipeline", { requestsPerPipeline: 3 }, (n: number) => Array<unknown>(n).fill(close)],
    [
      "steps in a batch",
      { stepsPerBatch: 3 },
      (n: number) => [{ type: "batch", batch: { steps: Array(n).fill({ stmt: { sql: "select 1" } }) } }],
    ],
    [
      "arguments of a statement",
      { argumentsPerStatement: 3 },
      (n: number) => [execute("select 1", Array(n).fill({ type: "null" }))],
    ],
    ["bytes of SQL", { sqlBytes: 103 }, (n: number) => [execute(`select '${"é".repeat(46)}'${" ".repeat(n - 1)}`)]],
    [
      "depth of a condition",
      { conditionDepth: 3 },
      (n: number) => [{ type: "batch", batch: { steps: [{ stmt: { sql: "select 1" }, condition: nested(n) }] } }],
    ],
  ])("takes as many %s as the limit and not one more", async (_, limits, requests) => {
    const { url } = await startServer(limits);
    expect((await post(url, JSON.stringify({ requests: requests(3) }))).status).toBe(200);
    expect(await refusal(await post(url, JSON.stringify({ requests: requests(4) })))).toMatchObject({
      status: 400,
      code: "PIPELINE_INVALID",
    });
  });

  it("refuses a condition nested beyond all reason", async () => {
    const { url } = await startServer();
    const body = JSON.stringify({
      requests: [{ type: "batch", batch: { steps: [{ stmt: { sql: "select 1" }, condition: nested(2_000) }] } }],
    });
    expect(await refusal(await post(url, body))).toMatchObject({ status: 400, code: "PIPELINE_INVALID" });
  });

  it("stores as many SQL texts as the limit", async () => {
    const { url } = await startServer({ storedSqlPerStream: 2 });
    const store = (id: number) => ({ type: "store_sql", sql_id: id, sql: "select 1" });
    expect(codes(await pipeline(url, [store(1), store(2), store(3), close]))).toEqual([
      null,
      null,
      "SQL_STORE_FULL",
      null,
    ]);
  });

  it("runs as many statements in a sequence as the limit, and none of a longer one", async () => {
    const { url } = await startServer({ statementsPerSequence: 2 });
    const sequence = (sql: string) => ({ type: "sequence", sql });
    const answer = await pipeline(url, [
      sequence("create table a (x); create table b (x)"),
      sequence("drop table a; drop table b; select 1"),
      execute("select count(*) from a"),
      close,
    ]);
    expect(codes(answer)).toEqual([null, "SQL_MANY_STATEMENTS", null, null]);
  });

  it("carries a blob of ten megabytes there and back", async () => {
    const { url } = await startServer();
    const base64 = Buffer.alloc(10 * 1024 * 1024, 7).toString("base64");
    const answer = await pipeline(url, [execute("select ?", [{ type: "blob", base64 }]), close]);
    expect(rows(answer)[0]).toEqual([{ type: "blob", base64 }]);
  });
});

describe("limits of an answer", () => {
  it("gives as many rows as the limit and refuses one more", async () => {
    const { url } = await startServer({ rowsPerResult: 250 });
    const answer = await pipeline(url, [execute(series(250)), execute(series(251)), execute("select 1"), close]);
    expect(codes(answer)).toEqual([null, "RESPONSE_TOO_LARGE", null, null]);
    expect(rows(answer)).toHaveLength(250);
  });

  it("ends a select without end, and the stream stays good", async () => {
    const { url } = await startServer();
    const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
    const answer = await pipeline(url, [
      execute("begin"),
      execute("create table t (a)"),
      execute(endless),
      { type: "sequence", sql: endless },
      execute("commit"),
      close,
    ]);
    expect(codes(answer)).toEqual([null, null, "RESPONSE_TOO_LARGE", null, null, null]);
    expect(codes(await pipeline(url, [execute("insert into t values (1)"), close]))).toEqual([null, null]);
  });

  it("counts the bytes of all results together", async () => {
    const { url } = await startServer({ responseBytes: 2_500 });
    const kilobyte = execute("select hex(zeroblob(500))");
    const answer = await pipeline(url, [kilobyte, kilobyte, kilobyte, execute("select 1"), close]);
    expect(codes(answer)).toEqual([null, null, "RESPONSE_TOO_LARGE", null, null]);
  });

  it.each([
    ["by itself", [], [null, "RESPONSE_TOO_LARGE", null]],
    [
      "in a transaction",
      [execute("begin immediate"), execute("insert into t values (0)")],
      [null, null, null, "RESPONSE_TOO_LARGE", null],
    ],
  ])("undoes a write whose rows do not fit, %s, and nothing else", async (_, before, expected) => {
    const { url } = await startServer({ rowsPerResult: 5 });
    const write = execute(`insert into t ${series(6)} returning *`);
    const after = before.length > 0 ? execute("commit") : execute("select 1");
    const answer = await pipeline(url, [execute("create table t (a)"), ...before, write, after, close]);
    expect(codes(answer)).toEqual([...expected, null]);
    const count = await pipeline(url, [execute("select count(*) from t"), execute("insert into t values (1)"), close]);
    expect(rows(count)).toEqual([[{ type: "integer", value: before.length > 0 ? "1" : "0" }]]);
    expect(codes(count)).toEqual([null, null, null]);
  });
});

function nested(depth: number): unknown {
  let condition: unknown = { type: "is_autocommit" };
  for (let i = 1; i < depth; i++) condition = { type: "not", cond: condition };
  return condition;
}
