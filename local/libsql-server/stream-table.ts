// The open streams by their batons: a baton is good once, and a stream that nobody continues is rolled back.

import { randomBytes } from "node:crypto";
import type { ConnectionPool } from "./connection-pool.ts";
import { HttpRefusal } from "./hrana-error.ts";
import type { LibsqlLimits } from "./limits.ts";
import { Stream } from "./stream.ts";
import type { SetTimer, WriteTurn } from "./write-turn.ts";

interface Parked {
  readonly stream: Stream;
  readonly cancelExpiry: () => void;
}

export class StreamTable {
  readonly #pool: ConnectionPool;
  readonly #turn: WriteTurn;
  readonly #limits: LibsqlLimits;
  readonly #setTimer: SetTimer;
  readonly #parked = new Map<string, Parked>();
  #openCount = 0;
  #isClosed = false;

  constructor(pool: ConnectionPool, turn: WriteTurn, limits: LibsqlLimits, setTimer: SetTimer) {
    this.#pool = pool;
    this.#turn = turn;
    this.#limits = limits;
    this.#setTimer = setTimer;
  }

  /** The stream of a baton, or a new one without; the caller parks or ends it. Refuses an unknown, used or expired baton with 400. */
  take(baton: string | null): Stream {
    if (baton === null) return this.#open();
    const parked = this.#parked.get(baton);
    if (parked === undefined) {
      throw new HttpRefusal(
        400,
        "STREAM_EXPIRED",
        "The stream of this baton has expired or was closed; its transaction was rolled back",
      );
    }
    this.#parked.delete(baton);
    parked.cancelExpiry();
    return parked.stream;
  }

  /** Keeps a stream for its next request and returns its new baton, or ends it and returns null when that is its last. */
  park(stream: Stream): string | null {
    if (stream.isClosed || this.#isClosed) {
      this.end(stream);
      return null;
    }
    const baton = randomBytes(24).toString("base64url");
    const expire = () => {
      this.#parked.delete(baton);
      this.end(stream);
    };
    this.#parked.set(baton, { stream, cancelExpiry: this.#setTimer(expire, this.#limits.streamIdleMs) });
    return baton;
  }

  /** Rolls back what the stream has open, then lets the next writer go. */
  end(stream: Stream): void {
    this.#openCount -= 1;
    this.#pool.release(stream.connection);
    stream.end();
  }

  /** Ends every stream that waits for its next request, and each of the others with its current one. */
  close(): void {
    this.#isClosed = true;
    for (const { stream, cancelExpiry } of this.#parked.values()) {
      cancelExpiry();
      this.end(stream);
    }
    this.#parked.clear();
  }

  #open(): Stream {
    if (this.#isClosed) throw new HttpRefusal(503, "SHUTTING_DOWN", "The libSQL server is being stopped");
    if (this.#openCount >= this.#limits.streams) {
      throw new HttpRefusal(
        503,
        "TOO_MANY_STREAMS",
        `${this.#limits.streams} streams are open; close some or try again`,
      );
    }
    const stream = new Stream(this.#pool.claim(), this.#turn, this.#limits);
    this.#openCount += 1;
    return stream;
  }
}
