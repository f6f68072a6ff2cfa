// The SQLite tables of a pool: hosts with the hash of their credential, leases, and join tokens that were used.

import type { HostHello } from "#wire/runner.ts";
import type { HeldSession, Lease } from "./lease-reconciliation.ts";
import type { HostRoom } from "./placement.ts";

type LeaseRow = {
  session: string;
  epoch: number;
  host: string;
  user: string | null;
  images: string;
  state: string;
  is_claimed: number;
};

export class PoolStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS hosts (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, credential_hash TEXT NOT NULL, is_revoked INTEGER NOT NULL DEFAULT 0,
        capacity INTEGER NOT NULL DEFAULT 0, images TEXT NOT NULL DEFAULT '[]', created_at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS leases (
        session TEXT NOT NULL, epoch INTEGER NOT NULL, host TEXT NOT NULL, user TEXT, images TEXT NOT NULL,
        state TEXT NOT NULL, is_claimed INTEGER NOT NULL, PRIMARY KEY (session, epoch));
      CREATE INDEX IF NOT EXISTS leases_by_host ON leases (host);
      CREATE TABLE IF NOT EXISTS used_join_tokens (nonce TEXT PRIMARY KEY, expires_at INTEGER NOT NULL);
    `);
  }

  /** False when the token was used before. Used tokens are forgotten once they have expired anyway. */
  spendJoinToken(nonce: string, expiresAt: number, now: number): boolean {
    this.#sql.exec("DELETE FROM used_join_tokens WHERE expires_at < ?", now);
    return this.#sql.exec("INSERT OR IGNORE INTO used_join_tokens VALUES (?, ?)", nonce, expiresAt).rowsWritten > 0;
  }

  countHosts(): number {
    return this.#sql.exec<{ hosts: number }>("SELECT count(*) AS hosts FROM hosts WHERE is_revoked = 0").one().hosts;
  }

  addHost(host: string, name: string, credentialHash: string, now: number): void {
    this.#sql.exec(
      "INSERT INTO hosts (id, name, credential_hash, created_at) VALUES (?, ?, ?, ?)",
      host,
      name,
      credentialHash,
      now,
    );
  }

  isAccepted(host: string, credentialHash: string): boolean {
    return (
      this.#sql
        .exec("SELECT 1 FROM hosts WHERE id = ? AND credential_hash = ? AND is_revoked = 0", host, credentialHash)
        .toArray().length > 0
    );
  }

  revoke(host: string): void {
    this.#sql.exec("UPDATE hosts SET is_revoked = 1 WHERE id = ?", host);
  }

  noteHello(host: string, { hostName, capacity, images }: HostHello): void {
    this.#sql.exec(
      "UPDATE hosts SET name = ?, capacity = ?, images = ? WHERE id = ?",
      hostName,
      capacity,
      JSON.stringify(images),
      host,
    );
  }

  roomOf(host: string): HostRoom {
    const row = this.#sql
      .exec<{ capacity: number; images: string; leases: number }>(
        "SELECT capacity, images, (SELECT count(*) FROM leases WHERE host = hosts.id) AS leases FROM hosts WHERE id = ?",
        host,
      )
      .one();
    return { host, capacity: row.capacity, leases: row.leases, images: JSON.parse(row.images) };
  }

  findLease({ session, epoch }: HeldSession): Lease | null {
    const [row] = this.#sql
      .exec<LeaseRow>("SELECT * FROM leases WHERE session = ? AND epoch = ?", session, epoch)
      .toArray();
    return row === undefined ? null : readLease(row);
  }

  leasesOf(host: string): Lease[] {
    return this.#sql.exec<LeaseRow>("SELECT * FROM leases WHERE host = ?", host).toArray().map(readLease);
  }

  putLease({ session, epoch, host, user, images, state, isClaimed }: Lease): void {
    const values = [session, epoch, host, user, JSON.stringify(images), state, isClaimed ? 1 : 0];
    this.#sql.exec("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?, ?)", ...values);
  }

  removeLease({ session, epoch }: HeldSession): void {
    this.#sql.exec("DELETE FROM leases WHERE session = ? AND epoch = ?", session, epoch);
  }
}

function readLease({ session, epoch, host, user, images, state, is_claimed }: LeaseRow): Lease {
  return {
    session,
    epoch,
    host,
    user,
    images: JSON.parse(images),
    state: state === "releasing" ? "releasing" : "placed",
    isClaimed: is_claimed === 1,
  };
}
