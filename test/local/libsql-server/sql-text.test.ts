// How the server reads SQL: where statements end, and which parameters they take.

import { describe, expect, it } from "vitest";
import { bindArguments } from "../../../local/libsql-server/bind-arguments.ts";
import { splitStatements } from "../../../local/libsql-server/sql-text.ts";

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.sql);

describe("splitting a script", () => {
  it.each([
    ["two statements", "select 1; select 2", ["select 1", "select 2"]],
    ["a closing semicolon", "select 1;", ["select 1"]],
    ["nothing but space, comments and semicolons", " ; -- a;b\n /* c; */ ;; ", []],
    [
      "semicolons in strings and names",
      `select ';', "a;b", \`c;d\`, [e;f]; select 2`,
      [`select ';', "a;b", \`c;d\`, [e;f]`, "select 2"],
    ],
    ["doubled quotes", "select 'it''s; fine'; select 2", ["select 'it''s; fine'", "select 2"]],
    [
      "semicolons in comments",
      "select 1 -- ; no\n, 2; select /* ; */ 3",
      ["select 1 -- ; no\n, 2", "select /* ; */ 3"],
    ],
    ["an unclosed string", "select 'a; b", ["select 'a; b"]],
    ["a comment around a statement", "-- before\nselect 1\n-- after", ["select 1"]],
  ])("cuts %s", (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it.each(["create trigger", "CREATE TEMP TRIGGER IF NOT EXISTS", "explain create temporary trigger"])(
    "keeps a whole %s together",
    (start) => {
      const trigger = `${start} t after insert on a begin update a set x = case when 1 then 2 end; delete from b; end`;
      expect(texts(`${trigger}; select 2`)).toEqual([trigger, "select 2"]);
    },
  );

  it("stays fast on a string of a megabyte", () => {
    const sql = `select '${"x''".repeat(300_000)}'`;
    expect(texts(sql)).toEqual([sql]);
  });
});

describe("numbering parameters", () => {
  it.each([
    ["select ?, ?", [null, null]],
    ["select ?3, ?", [null, null, null, null]],
    ["select :a, @b, $c, :a", [":a", "@b", "$c"]],
    ["select ?, :a, ?", [null, ":a", null]],
    ["select ':no', \":no\", x.y -- ?\n, ?", [null]],
    ["select a ->> '$.x' from t where b = ?1", [null]],
  ])("reads %s as SQLite does", (sql, expected) => {
    expect(splitStatements(sql)[0]?.parameters).toEqual(expected);
  });

  const bind = (sql: string, args: string[], named: Record<string, string> = {}) =>
    bindArguments(splitStatements(sql)[0]?.parameters ?? [], {
      args,
      named_args: Object.entries(named).map(([name, value]) => ({ name, value })),
    });

  it("binds positional and named arguments into one list, names with or without their prefix", () => {
    expect(bind("select ?, :a, @b", ["1"], { a: "2", "@b": "3" })).toEqual(["1", "2", "3"]);
  });

  it.each([
    ["too many arguments", "select ?", ["1", "2"], {}],
    ["a missing argument", "select ?, ?", ["1"], {}],
    ["an unknown name", "select :a", [], { b: "1" }],
    ["a missing name", "select :a, :b", [], { a: "1" }],
  ])("refuses %s", (_, sql, args, named) => {
    expect(() => bind(sql, args, named)).toThrow(expect.objectContaining({ code: "ARGS_INVALID" }));
  });
});
