// Tells what a write that failed failed for: a row that the database refuses for itself, or a database that is away; pure.

import { LibsqlBatchError, LibsqlError } from "@libsql/client/web";

/** `refused`: the row at `index` is the reason, or one of them that only smaller batches tell. `code` is the database's, never a value. */
export type Failure = { outcome: "refused"; index: number | null; code: string } | { outcome: "away"; code: string };

/** What SQLite says of a value; anything else (busy, locked, read-only, full, no such table) is said of the database. */
const OF_A_ROW = /^(?:SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH|RANGE)|ARGS_INVALID)/;
const BODY_TOO_LARGE = 413;

/** `rows` is how many were in the batch. */
export function judgeFailure(error: unknown, rows: number): Failure {
  const code = codeOf(error);
  const only = rows === 1 ? 0 : null;
  if (OF_A_ROW.test(code)) {
    return { outcome: "refused", index: error instanceof LibsqlBatchError ? error.statementIndex : only, code };
  }
  // What the client cannot write down (NaN, say) it throws as a RangeError before anything is sent.
  if (error instanceof RangeError) return { outcome: "refused", index: only, code: "VALUE_REFUSED" };
  if (code === "BODY_TOO_LARGE" || statusOf(error) === BODY_TOO_LARGE) {
    return { outcome: "refused", index: only, code: "BODY_TOO_LARGE" };
  }
  return { outcome: "away", code };
}

function codeOf(error: unknown): string {
  if (error instanceof LibsqlError) return error.code.slice(0, 100);
  return error instanceof Error ? error.name : "UNKNOWN";
}

function statusOf(error: unknown): number | null {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "status" in cause && typeof cause.status === "number" ? cause.status : null;
}
