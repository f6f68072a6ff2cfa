// What a failed write is blamed on: the row, so that it is put aside, or the database, so that everything waits.

import { LibsqlBatchError, LibsqlError } from "@libsql/client/web";
import { expect, test } from "vitest";
import { judgeFailure } from "../../../worker/db/write-failure.ts";

const inBatch = (code: string): LibsqlBatchError => new LibsqlBatchError("refused", 2, code);
const away = (code: string) => ({ outcome: "away", code });
const refused = (index: number | null, code: string) => ({ outcome: "refused", index, code });

/** As the client reports an answer that is no answer of the database's. */
function httpError(status: number): LibsqlError {
  const cause = Object.assign(new Error(`Server returned HTTP status ${status}`), { status });
  return new LibsqlError(cause.message, "SERVER_ERROR", undefined, undefined, cause);
}

test.for([
  ["a constraint in a batch", inBatch("SQLITE_CONSTRAINT_NOTNULL"), 5, refused(2, "SQLITE_CONSTRAINT_NOTNULL")],
  ["a constraint by its short name", inBatch("SQLITE_CONSTRAINT"), 5, refused(2, "SQLITE_CONSTRAINT")],
  ["a value that is too large", inBatch("SQLITE_TOOBIG"), 5, refused(2, "SQLITE_TOOBIG")],
  [
    "a constraint without a place, of one row",
    new LibsqlError("x", "SQLITE_CONSTRAINT"),
    1,
    refused(0, "SQLITE_CONSTRAINT"),
  ],
  [
    "a constraint without a place, of several",
    new LibsqlError("x", "SQLITE_CONSTRAINT"),
    5,
    refused(null, "SQLITE_CONSTRAINT"),
  ],
  ["a number that cannot be written", new RangeError("Only finite numbers"), 5, refused(null, "VALUE_REFUSED")],
  ["a body that is too large, by status", httpError(413), 5, refused(null, "BODY_TOO_LARGE")],
  ["a body that is too large, of one row", new LibsqlError("x", "BODY_TOO_LARGE"), 1, refused(0, "BODY_TOO_LARGE")],
  ["a lock", inBatch("SQLITE_BUSY"), 5, away("SQLITE_BUSY")],
  ["a table that is not there yet", inBatch("SQLITE_ERROR"), 5, away("SQLITE_ERROR")],
  ["a disk that is full", inBatch("SQLITE_FULL"), 1, away("SQLITE_FULL")],
  ["writes that are blocked for a quota", new LibsqlError("x", "BLOCKED"), 1, away("BLOCKED")],
  ["a gateway", httpError(502), 1, away("SERVER_ERROR")],
  ["a token that is not accepted", httpError(401), 1, away("SERVER_ERROR")],
  ["a connection that was refused", new TypeError("fetch failed"), 1, away("TypeError")],
  ["a time-out", new DOMException("The operation timed out", "TimeoutError"), 1, away("TimeoutError")],
  ["no error at all", "?", 1, away("UNKNOWN")],
] as const)("%s", ([, error, rows, judged]) => {
  expect(judgeFailure(error, rows)).toEqual(judged);
});
