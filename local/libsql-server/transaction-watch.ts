// One stream's side of the write turn: takes it before a write, keeps it for the transaction, and notices a stale snapshot.

import { HranaError } from "./hrana-error.ts";
import { needsWriteTurn, type StatementKind } from "./statement-kind.ts";
import type { WriteTurn } from "./write-turn.ts";

/** What the watch asks a connection. */
export interface TransactionState {
  readonly inTransaction: boolean;
}

export class TransactionWatch {
  readonly #turn: WriteTurn;
  readonly #waitMs: number;
  /** The turn's generation when this transaction first read; a write on a snapshot that others wrote past must fail. */
  #readAt: number | null = null;
  #isReadOnly = false;

  constructor(turn: WriteTurn, waitMs: number) {
    this.#turn = turn;
    this.#waitMs = waitMs;
  }

  /** Waits until a statement of this kind may run. Throws SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT or SQLITE_READONLY. */
  async enter(kind: StatementKind, state: TransactionState): Promise<void> {
    if (!needsWriteTurn(kind)) return;
    if (this.#isReadOnly) throw new HranaError("SQLITE_READONLY", "This transaction was begun as read-only");
    if (kind === "begin_write" && state.inTransaction) return;
    if (!(await this.#turn.take(this, this.#waitMs))) {
      throw new HranaError("SQLITE_BUSY", "database is locked: another write transaction is still open");
    }
    if (this.#readAt !== null && this.#readAt !== this.#turn.generation) {
      this.#turn.release(this);
      throw new HranaError(
        "SQLITE_BUSY_SNAPSHOT",
        "database is locked: it changed since this transaction read it; begin again",
      );
    }
  }

  /** Takes note of what a statement that ran, well or not, did to the transaction. */
  note(kind: StatementKind, state: TransactionState): void {
    if (!state.inTransaction) {
      this.#turn.release(this);
      this.#readAt = null;
      this.#isReadOnly = false;
      return;
    }
    if (kind === "begin_read_only") this.#isReadOnly = true;
    const isHeld = this.#turn.isHeldBy(this);
    if (kind === "read" && !isHeld) this.#readAt ??= this.#turn.generation;
  }

  /** The stream is over: its transaction is rolled back by whoever ends it. */
  leave(): void {
    this.#turn.release(this);
  }
}
