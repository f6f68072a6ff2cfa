// Lends connections to streams and takes them back clean, since the engine frees a closed one only when it likes.

import { Connection } from "./connection.ts";

export class ConnectionPool {
  readonly #file: string;
  readonly #idle: Connection[] = [];
  #isClosed = false;

  /** Opens the file, creating it when missing; throws when it is not a database. */
  constructor(file: string) {
    this.#file = file;
    const first = new Connection(file);
    first.control("SELECT count(*) FROM sqlite_schema");
    this.#idle.push(first);
  }

  claim(): Connection {
    return this.#idle.pop() ?? new Connection(this.#file);
  }

  release(connection: Connection): void {
    if (connection.reset() && !this.#isClosed) this.#idle.push(connection);
    else connection.close();
  }

  /** Throws unless the file can be read. */
  ping(): void {
    const connection = this.claim();
    connection.control("SELECT count(*) FROM sqlite_schema");
    this.release(connection);
  }

  /** Moves the log into the file, so that the file alone is the whole database, and closes every idle connection. */
  close(): void {
    this.#isClosed = true;
    const last = this.claim();
    last.control("PRAGMA wal_checkpoint(TRUNCATE)");
    last.close();
    for (const connection of this.#idle) connection.close();
    this.#idle.length = 0;
  }
}
