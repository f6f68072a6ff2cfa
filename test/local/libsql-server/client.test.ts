// @libsql/client against the server, over both of its HTTP builds: the one Node loads and the one the Worker loads.

import { type Client, createClient as createHttpClient } from "@libsql/client/http";
import { createClient as createWebClient } from "@libsql/client/web";
import { describe, expect, it, onTestFinished } from "vitest";
import type { LibsqlLimits } from "../../../local/libsql-server/limits.ts";
import { startServer } from "./test-server.ts";

describe.each([
  ["@libsql/client/http", createHttpClient],
  ["@libsql/client/web", createWebClient],
])("%s", (_, createClient) => {
  async function open(limits: Partial<LibsqlLimits> = {}): Promise<{ client: Client; another: () => Client }> {
    const { url, authToken } = await startServer(limits);
    const another = (): Client => {
      const client = createClient({ url, authToken, intMode: "bigint" });
      onTestFinished(() => client.close());
      return client;
    };
    return { client: another(), another };
  }

  async function withTable(limits: Partial<LibsqlLimits> = {}) {
    const opened = await open(limits);
    await opened.client.execute("create table t (id integer primary key, a unique)");
    const count = async () => (await opened.client.execute("select count(*) as n from t")).rows[0]?.n;
    return { ...opened, count };
  }

  it.each([
    ["the largest integer", 9_223_372_036_854_775_807n],
    ["the smallest integer", -9_223_372_036_854_775_808n],
    ["an integer beyond a float's exactness", 9_007_199_254_740_993n],
    ["null", null],
    ["a float", 0.1],
    ["text", "zwölf Boxkämpfer 🥊 'quoted'"],
    ["empty text", ""],
  ])("brings back %s as it was", async (_name, value) => {
    const { client } = await withTable();
    const { rows } = await client.execute({ sql: "insert into t (a) values (?) returning a", args: [value] });
    expect(rows[0]?.a).toEqual(value);
  });

  it.each([0, 1, 2, 3, 255])("brings back a blob of %i bytes", async (length) => {
    const { client } = await withTable();
    const bytes = Uint8Array.from({ length }, (_byte, index) => 255 - index);
    const { rows } = await client.execute({
      sql: "insert into t (a) values (?) returning a, typeof(a) as type",
      args: [bytes],
    });
    expect(rows[0]?.type).toBe("blob");
    const blob = rows[0]?.a;
    expect(blob instanceof ArrayBuffer ? new Uint8Array(blob) : blob).toEqual(bytes);
  });

  it("keeps a whole float a float", async () => {
    const { client } = await withTable();
    const { rows } = await client.execute({ sql: "select typeof(?) as type", args: [2] });
    expect(rows[0]?.type).toBe("real");
  });

  it("tells columns, declared types, changes and the last row id", async () => {
    const { client } = await withTable();
    const inserted = await client.execute("insert into t (a) values ('x'), ('y')");
    expect(inserted).toMatchObject({ rowsAffected: 2, lastInsertRowid: 2n });
    const updated = await client.execute("update t set a = a || '!'");
    expect(updated.rowsAffected).toBe(2);
    const selected = await client.execute("select id, a as again, 1 from t");
    expect(selected).toMatchObject({
      columns: ["id", "again", "1"],
      columnTypes: ["INTEGER", "", ""],
      rowsAffected: 0,
    });
  });

  it("binds named arguments", async () => {
    const { client } = await open();
    const { rows } = await client.execute({
      sql: "select :a as a, @b as b, $c as c",
      args: { a: "1", b: "2", c: "3" },
    });
    expect(rows[0]).toMatchObject({ a: "1", b: "2", c: "3" });
  });

  it("applies a batch whole, repeated statements included", async () => {
    const { client, count } = await withTable();
    const insert = "insert into t (a) values (?)";
    const results = await client.batch(
      [{ sql: insert, args: ["x"] }, { sql: insert, args: ["y"] }, "select count(*) as n from t"],
      "write",
    );
    expect(results[2]?.rows[0]?.n).toBe(2n);
    expect(await count()).toBe(2n);
  });

  it("undoes a batch whole when one statement fails, and names that statement", async () => {
    const { client, count } = await withTable();
    const batch = client.batch(
      ["insert into t (a) values ('x')", "insert into t (a) values ('x')", "insert into t (a) values ('z')"],
      "write",
    );
    await expect(batch).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE", statementIndex: 1 });
    expect(await count()).toBe(0n);
    await client.execute("insert into t (a) values ('after')");
    expect(await count()).toBe(1n);
  });

  it("undoes a batch whose commit breaks a deferred foreign key", async () => {
    const { client } = await open();
    await client.executeMultiple(
      "create table parent (id integer primary key); create table child (p references parent deferrable initially deferred)",
    );
    const batch = client.batch(["insert into child values (1)"], "write");
    await expect(batch).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" });
    await client.batch(["insert into child values (2)", "insert into parent values (2)"], "write");
    expect((await client.execute("select p from child")).rows).toMatchObject([{ p: 2n }]);
  });

  it("migrates with foreign keys off, and has them on again for everybody else", async () => {
    const { client } = await open();
    await client.executeMultiple(
      "create table parent (id integer primary key); create table child (p references parent)",
    );
    await client.migrate(["insert into child values (7)"]);
    const insert = client.execute("insert into child values (8)");
    await expect(insert).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" });
  });

  it("runs an interactive transaction over several requests, unseen until it commits", async () => {
    const { client, count } = await withTable();
    const transaction = await client.transaction("write");
    await transaction.execute("insert into t (a) values ('x')");
    const { rows } = await transaction.execute("select count(*) as n from t");
    expect(rows[0]?.n).toBe(1n);
    expect(await count()).toBe(0n);
    await transaction.commit();
    expect(await count()).toBe(1n);
  });

  it("rolls an interactive transaction back, asked to or closed", async () => {
    const { client, count } = await withTable();
    const first = await client.transaction("write");
    await first.execute("insert into t (a) values ('x')");
    await first.rollback();
    const second = await client.transaction("write");
    await second.execute("insert into t (a) values ('y')");
    second.close();
    await client.execute("insert into t (a) values ('z')");
    expect(await count()).toBe(1n);
  });

  it("lets concurrent writers go one after the other and loses none", async () => {
    const { another, count } = await withTable();
    const clients = Array.from({ length: 6 }, another);
    await Promise.all(
      clients.flatMap((client, writer) =>
        Array.from({ length: 10 }, async (_value, i) => {
          const transaction = await client.transaction("write");
          await transaction.execute({ sql: "insert into t (a) values (?)", args: [`${writer}-${i}`] });
          await transaction.commit();
        }),
      ),
    );
    expect(await count()).toBe(60n);
  });

  it("answers SQLITE_BUSY after a bounded wait, and commits what is written after it", async () => {
    const { client, another, count } = await withTable({ writeTurnWaitMs: 20 });
    const holder = await another().transaction("write");
    await holder.execute("insert into t (a) values ('held')");
    await expect(client.execute("insert into t (a) values ('late')")).rejects.toMatchObject({ code: "SQLITE_BUSY" });
    await holder.commit();
    await client.execute("insert into t (a) values ('late')");
    expect(await count()).toBe(2n);
  });

  it("rolls back an abandoned transaction when its stream expires", async () => {
    const { client, another, count } = await withTable({ streamIdleMs: 30 });
    const abandoned = await another().transaction("write");
    await abandoned.execute("insert into t (a) values ('x')");
    await client.execute("insert into t (a) values ('y')");
    expect(await count()).toBe(1n);
    await expect(abandoned.execute("select 1")).rejects.toMatchObject({ code: "STREAM_EXPIRED" });
  });

  it("refuses to write in a read transaction", async () => {
    const { client } = await withTable();
    const transaction = await client.transaction("read");
    onTestFinished(() => transaction.close());
    await expect(transaction.execute("insert into t (a) values (1)")).rejects.toMatchObject({
      code: "SQLITE_READONLY",
    });
  });

  it("runs many statements as one sequence and stops at the first that fails", async () => {
    const { client, count } = await withTable();
    const sequence = client.executeMultiple(
      "insert into t (a) values ('x') returning id; select 1; insert into t (a) values ('x'); insert into t (a) values ('y')",
    );
    await expect(sequence).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE" });
    expect(await count()).toBe(1n);
  });

  it.each([
    ["SQLITE_ERROR", "selec 1"],
    ["SQLITE_ERROR", "select * from nowhere"],
    ["SQL_MANY_STATEMENTS", "select 1; select 2"],
    ["SQL_NO_STATEMENT", " -- nothing"],
    ["STATEMENT_REFUSED", "attach 'x.db' as x"],
    ["VALUE_NOT_REPRESENTABLE", "select 1e999"],
  ])("answers %s for %s and goes on working", async (code, sql) => {
    const { client } = await open();
    await expect(client.execute(sql)).rejects.toMatchObject({ code });
    expect((await client.execute("select 1 as one")).rows).toMatchObject([{ one: 1n }]);
  });

  it("says that a wrong token is refused", async () => {
    const { url } = await startServer();
    const client = createClient({ url, authToken: "another" });
    onTestFinished(() => client.close());
    await expect(client.execute("select 1")).rejects.toMatchObject({ code: "AUTH_REFUSED" });
  });
});
