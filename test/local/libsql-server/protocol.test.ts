// Hrana 2 over HTTP on the wire: what @libsql/client does not send by itself, and what is refused.

import { describe, expect, it } from "vitest";
import { codes, execute, pipeline, post, refusal, rows, startServer, TOKEN } from "./test-server.ts";

const close = { type: "close" };

describe("POST /v2/pipeline", () => {
  it("answers each request in its place, also after one failed", async () => {
    const { url } = await startServer();
    const answer = await pipeline(url, [
      execute("select 1"),
      execute("nonsense"),
      execute("select 2"),
      close,
      execute("select 3"),
    ]);
    expect(codes(answer)).toEqual([null, "SQLITE_ERROR", null, null, "STREAM_CLOSED"]);
    expect(answer.baton).toBeNull();
  });

  it("runs the steps of a batch under their conditions", async () => {
    const { url } = await startServer();
    const step = (condition: unknown, sql = "select 1") => ({ condition, stmt: { sql } });
    const steps = [
      step(null),
      step(null, "nonsense"),
      step({ type: "ok", step: 1 }),
      step({ type: "error", step: 1 }),
      step({ type: "error", step: 2 }),
      step({ type: "not", cond: { type: "ok", step: 1 } }),
      step({
        type: "and",
        conds: [
          { type: "ok", step: 0 },
          { type: "ok", step: 1 },
        ],
      }),
      step({
        type: "or",
        conds: [
          { type: "ok", step: 0 },
          { type: "ok", step: 1 },
        ],
      }),
      step({ type: "is_autocommit" }),
      step(null, "begin"),
      step({ type: "is_autocommit" }),
    ];
    const answer = await pipeline(url, [{ type: "batch", batch: { steps } }, close]);
    const none = null;
    const ran = expect.anything();
    expect(answer.results[0]).toMatchObject({
      response: {
        result: {
          step_results: [ran, none, none, ran, none, ran, none, ran, ran, ran, none],
          step_errors: [none, { code: "SQLITE_ERROR" }, none, none, none, none, none, none, none, none, none],
        },
      },
    });
  });

  it("refuses a batch that asks after a later step, before any step ran", async () => {
    const { url } = await startServer();
    const steps = [
      { stmt: { sql: "create table t (a)" } },
      { condition: { type: "ok", step: 1 }, stmt: { sql: "select 1" } },
    ];
    const answer = await pipeline(url, [{ type: "batch", batch: { steps } }, execute("select * from t"), close]);
    expect(codes(answer)).toEqual(["BATCH_CONDITION_INVALID", "SQLITE_ERROR", null]);
  });

  it("keeps stored SQL for its stream until it is closed", async () => {
    const { url } = await startServer();
    const stored = { type: "execute", stmt: { sql_id: 1 } };
    const first = await pipeline(url, [{ type: "store_sql", sql_id: 1, sql: "select 7" }, stored]);
    expect(rows(first, 1)).toEqual([[{ type: "integer", value: "7" }]]);
    const requests = [
      { type: "store_sql", sql_id: 1, sql: "select 8" },
      { type: "close_sql", sql_id: 1 },
      stored,
      close,
    ];
    expect(codes(await pipeline(url, requests, first.baton))).toEqual(["SQL_ID_IN_USE", null, "SQL_NOT_FOUND", null]);
  });

  it("describes a statement without running it", async () => {
    const { url } = await startServer();
    const describe = (sql: string) => ({ type: "describe", sql });
    const answer = await pipeline(url, [
      execute("create table t (id integer primary key, a text)"),
      describe("select id, a as b, 1 from t where a = :a and id = ?"),
      describe("insert into t (a) values (?) returning id"),
      describe("pragma foreign_keys = off"),
      execute("pragma foreign_keys"),
      execute("select count(*) from t"),
      close,
    ]);
    expect(answer.results[1]).toMatchObject({
      response: {
        result: {
          params: [{ name: ":a" }, { name: null }],
          cols: [
            { name: "id", decltype: "INTEGER" },
            { name: "b", decltype: "TEXT" },
            { name: "1", decltype: null },
          ],
          is_explain: false,
          is_readonly: true,
        },
      },
    });
    expect(answer.results[2]).toMatchObject({ response: { result: { params: [{ name: null }], is_readonly: false } } });
    expect(codes(answer)[3]).toBe("STATEMENT_REFUSED");
    expect(rows(answer, 4)).toEqual([[{ type: "integer", value: "1" }]]);
    expect(rows(answer, 5)).toEqual([[{ type: "integer", value: "0" }]]);
  });

  it("tells whether a transaction is open", async () => {
    const { url } = await startServer();
    const ask = { type: "get_autocommit" };
    const answer = await pipeline(url, [ask, execute("begin"), ask, execute("rollback"), ask, close]);
    const told = [0, 2, 4].map((index) => answer.results[index]);
    expect(told).toMatchObject([
      { response: { is_autocommit: true } },
      { response: { is_autocommit: false } },
      { response: { is_autocommit: true } },
    ]);
  });

  it("takes base64 with and without padding", async () => {
    const { url } = await startServer();
    const blobs = ["/w==", "/w", "AP8=", "AP8", ""].map((base64) => ({ type: "blob", base64 }));
    const answer = await pipeline(url, [execute("select hex(?), hex(?), hex(?), hex(?), hex(?)", blobs), close]);
    expect(rows(answer)[0]).toMatchObject([
      { value: "FF" },
      { value: "FF" },
      { value: "00FF" },
      { value: "00FF" },
      { value: "" },
    ]);
  });

  it.each([
    ["a setting", "pragma foreign_keys = off"],
    ["a temporary table", "create temp table secret (a)"],
    ["a transaction", "begin immediate"],
  ])("leaves nothing of a stream behind for the next one: %s", async (_, sql) => {
    const { url } = await startServer();
    expect(codes(await pipeline(url, [execute(sql), close]))).toEqual([null, null]);
    const look = [execute("pragma foreign_keys"), execute("select * from secret"), { type: "get_autocommit" }, close];
    const answer = await pipeline(url, look);
    expect(rows(answer)).toEqual([[{ type: "integer", value: "1" }]]);
    expect(codes(answer)[1]).toBe("SQLITE_ERROR");
    expect(answer.results[2]).toMatchObject({ response: { is_autocommit: true } });
  });

  it.each([
    ["no JSON", "{", "PIPELINE_INVALID"],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "PIPELINE_INVALID"],
    ["no requests", "{}", "PIPELINE_INVALID"],
    ["an unknown request", JSON.stringify({ requests: [{ type: "open_cursor" }] }), "PIPELINE_INVALID"],
    [
      "an integer beyond 64 bits",
      JSON.stringify({ requests: [execute("select ?", [{ type: "integer", value: "9223372036854775808" }])] }),
      "PIPELINE_INVALID",
    ],
    [
      "an integer as a number",
      JSON.stringify({ requests: [execute("select ?", [{ type: "integer", value: 1 }])] }),
      "PIPELINE_INVALID",
    ],
    [
      "text with U+0000, which the engine would cut",
      JSON.stringify({ requests: [execute("select ?", [{ type: "text", value: "a\0b" }])] }),
      "PIPELINE_INVALID",
    ],
    ["SQL with U+0000", JSON.stringify({ requests: [execute("select 1\0; drop table t")] }), "PIPELINE_INVALID"],
    [
      "broken base64",
      JSON.stringify({ requests: [execute("select ?", [{ type: "blob", base64: "a" }])] }),
      "PIPELINE_INVALID",
    ],
    ["an unknown baton", JSON.stringify({ baton: "made-up", requests: [] }), "STREAM_EXPIRED"],
  ])("refuses %s with 400", async (_, body, code) => {
    const { url } = await startServer();
    expect(await refusal(await post(url, body))).toMatchObject({ status: 400, code });
  });
});

describe("addresses", () => {
  it("answers GET /health without a token", async () => {
    const { url } = await startServer();
    const response = await fetch(`${url}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  it.each([
    ["no token", undefined],
    ["another token", "Bearer nope"],
    ["another scheme", `Basic ${TOKEN}`],
  ])("refuses %s with 401", async (_, authorization) => {
    const { url } = await startServer();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${url}/v2/pipeline`, { method: "POST", body: "{}", headers });
    expect(await refusal(response)).toMatchObject({ status: 401, code: "AUTH_REFUSED" });
  });

  it.each([
    ["GET", "/v2/pipeline", 405, "METHOD_NOT_ALLOWED"],
    ["POST", "/v3/pipeline", 404, "NOT_FOUND"],
    ["POST", "/v2/cursor", 404, "NOT_FOUND"],
    ["GET", "/", 404, "NOT_FOUND"],
  ])("refuses %s %s with %i", async (method, path, status, code) => {
    const { url } = await startServer();
    const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await refusal(response)).toMatchObject({ status, code });
  });
});
