// Reads a statement's rows to their end within what an answer may hold; knows the engine's cursor and nothing of statements.

import { HranaError } from "./hrana-error.ts";
import { encodedBytes, encodeValue, type HranaValue } from "./hrana-value.ts";

/** What an answer may still hold; `bytes` shrinks with each result that goes into it. */
export interface AnswerRoom {
  readonly rowsPerResult: number;
  bytes: number;
}

export interface RowReading {
  readonly rows: HranaValue[][];
  /** Set when there were more rows than are wanted or may be answered: the cursor still has to be brought to its end. */
  readonly isCutShort: boolean;
  /** Why the rows cannot be answered; set only when they are wanted. */
  readonly refusal: HranaError | null;
}

export function readRows(cursor: IterableIterator<unknown>, isWanted: boolean, room: AnswerRoom): RowReading {
  const rows: HranaValue[][] = [];
  let bytes = 0;
  let count = 0;
  const cut = (refusal: HranaError | null): RowReading => ({ rows: [], isCutShort: true, refusal });
  for (let next = cursor.next(); next.done !== true; next = cursor.next()) {
    count += 1;
    if (count > room.rowsPerResult) return cut(isWanted ? tooLarge(`more than ${room.rowsPerResult} rows`) : null);
    if (!isWanted) continue;
    const row = encodeRow(next.value);
    if (row instanceof HranaError) return cut(row);
    for (const value of row) bytes += encodedBytes(value);
    if (bytes > room.bytes) return cut(tooLarge("more bytes than an answer may hold"));
    rows.push(row);
  }
  room.bytes -= bytes;
  return { rows, isCutShort: false, refusal: null };
}

/** Brings a cursor to its end without looking at its rows. */
export function drain(cursor: IterableIterator<unknown>): void {
  let next = cursor.next();
  while (next.done !== true) next = cursor.next();
}

function encodeRow(row: unknown): HranaValue[] | HranaError {
  if (!Array.isArray(row)) throw new Error("The engine gave a row that is not a list");
  try {
    return row.map(encodeValue);
  } catch (error) {
    if (error instanceof HranaError) return error;
    throw error;
  }
}

function tooLarge(what: string): HranaError {
  return new HranaError(
    "RESPONSE_TOO_LARGE",
    `The statement gives ${what}: ask for less, or in parts. It changed nothing`,
  );
}
