// Batons and the expiry of streams, on a fake clock and a real file.

import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConnectionPool } from "../../../local/libsql-server/connection-pool.ts";
import { libsqlLimits } from "../../../local/libsql-server/limits.ts";
import { createPipeline } from "../../../local/libsql-server/pipeline.ts";
import { StreamTable } from "../../../local/libsql-server/stream-table.ts";
import { WriteTurn } from "../../../local/libsql-server/write-turn.ts";
import { FakeTimers } from "./fake-timers.ts";
import { execute, makeDirectory } from "./test-server.ts";

async function makePipeline() {
  const timers = new FakeTimers();
  const pool = new ConnectionPool(join(await makeDirectory(), "berth.db"));
  onTestFinished(() => pool.close());
  const table = new StreamTable(pool, new WriteTurn(timers.set), libsqlLimits, timers.set);
  onTestFinished(() => table.close());
  const run = createPipeline(table, libsqlLimits);
  const send = async (baton: string | null, ...requests: unknown[]) =>
    await run(new TextEncoder().encode(JSON.stringify({ baton, requests })));
  return { timers, send };
}

const close = { type: "close" };
const count = execute("select count(*) from t");

describe("StreamTable", () => {
  it("gives a new baton with every answer and takes each only once", async () => {
    const { send } = await makePipeline();
    const first = await send(null, execute("select 1"));
    const second = await send(first.baton, execute("select 2"));
    expect(second.baton).not.toBe(first.baton);
    await expect(send(first.baton, execute("select 3"))).rejects.toMatchObject({ status: 400, code: "STREAM_EXPIRED" });
    expect((await send(second.baton, close)).baton).toBeNull();
    await expect(send(second.baton, close)).rejects.toMatchObject({ status: 400, code: "STREAM_EXPIRED" });
  });

  it("rolls a stream back after ten seconds without a request, and not a moment earlier", async () => {
    const { timers, send } = await makePipeline();
    await send(null, execute("create table t (a)"), close);
    const begun = await send(null, execute("begin immediate"), execute("insert into t values (1)"));
    timers.advance(9_999);
    const kept = await send(begun.baton, execute("insert into t values (2)"));
    expect(kept.results[0]?.type).toBe("ok");
    timers.advance(9_999);
    const waiting = send(null, execute("insert into t values (3)"), count, close);
    timers.advance(1);
    const after = await waiting;
    expect(after.results.map(({ type }) => type)).toEqual(["ok", "ok", "ok"]);
    expect(after.results[1]).toMatchObject({ response: { result: { rows: [[{ type: "integer", value: "1" }]] } } });
    await expect(send(kept.baton, execute("commit"))).rejects.toMatchObject({ status: 400, code: "STREAM_EXPIRED" });
  });

  it("answers a write with SQLITE_BUSY when another stream's transaction stays open for five seconds", async () => {
    const { timers, send } = await makePipeline();
    await send(null, execute("create table t (a)"), close);
    const begun = await send(null, execute("begin immediate"));
    const waiting = send(null, execute("insert into t values (1)"), count, close);
    timers.advance(libsqlLimits.writeTurnWaitMs);
    expect((await waiting).results.map((result) => (result.type === "error" ? result.error.code : "ok"))).toEqual([
      "SQLITE_BUSY",
      "ok",
      "ok",
    ]);
    await send(begun.baton, execute("insert into t values (2)"), execute("commit"), close);
    const after = await send(null, execute("insert into t values (3)"), count, close);
    expect(after.results[1]).toMatchObject({ response: { result: { rows: [[{ type: "integer", value: "2" }]] } } });
  });

  it("opens as many streams as the limit, and one more once one was closed", async () => {
    const { send } = await makePipeline();
    const opened = [];
    for (let i = 0; i < libsqlLimits.streams; i++) opened.push(await send(null, execute("select 1")));
    await expect(send(null, close)).rejects.toMatchObject({ status: 503, code: "TOO_MANY_STREAMS" });
    await send(opened[0]?.baton ?? null, close);
    expect((await send(null, close)).results).toHaveLength(1);
  });
});
