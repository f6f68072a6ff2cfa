// Owns how much of each client's input one terminal instance has taken: drops repeats, refuses gaps, bounds what a PTY has not read yet.

import { limits } from "#wire/limits.ts";

/** `isHeld`: the client ran ahead and has been told once; it is told again when it may go on. */
type Client = { received: number; isHeld: boolean };

export class TerminalInput {
  readonly #clients = new Map<string, Client>();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** The bytes that the PTY should be given next, or null. */
  get next(): Uint8Array | null {
    return this.#pending[0] ?? null;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes of this client's input taken so far; a client that was not met (or was forgotten) starts at 0. */
  received(client: string): number {
    return this.#clients.get(client)?.received ?? 0;
  }

  /**
   * Takes what is new of a client's bytes at `offset`, as far as there is room.
   * Returns the offset to answer with, or null when this client knows already that it must wait and where to go on.
   */
  take(client: string, offset: number, bytes: Uint8Array, isAttached: (client: string) => boolean): number | null {
    const entry = this.#remember(client, isAttached);
    if (offset > entry.received) return this.#hold(entry);
    const fresh = bytes.subarray(entry.received - offset);
    const taken = Uint8Array.from(fresh.subarray(0, limits.pendingInputBytes - this.#pendingBytes));
    if (taken.length > 0) {
      this.#pending.push(taken);
      this.#pendingBytes += taken.length;
      entry.received += taken.length;
      entry.isHeld = taken.length < fresh.length;
      return entry.received;
    }
    return fresh.length > 0 ? this.#hold(entry) : entry.received;
  }

  /** The PTY has taken the first `bytes` pending ones. */
  consume(bytes: number): void {
    this.#pendingBytes -= bytes;
    let left = bytes;
    while (left > 0) {
      const first = this.#pending[0];
      if (first === undefined) break;
      if (first.length <= left) this.#pending.shift();
      else this.#pending[0] = first.subarray(left);
      left -= Math.min(left, first.length);
    }
  }

  /** Clients that were held and may go on now, with the offset to go on from; asked after `consume`. */
  releaseHeld(): { client: string; received: number }[] {
    if (this.#pendingBytes > limits.pendingInputBytes / 2) return [];
    const released = [];
    for (const [client, entry] of this.#clients) {
      if (!entry.isHeld) continue;
      entry.isHeld = false;
      released.push({ client, received: entry.received });
    }
    return released;
  }

  #hold(entry: Client): number | null {
    if (entry.isHeld) return null;
    entry.isHeld = true;
    return entry.received;
  }

  /** The entry of a client, as the most recently used one; beyond the limit the longest unused goes, never one that is attached: its offset could not be had again. */
  #remember(client: string, isAttached: (client: string) => boolean): Client {
    const entry = this.#clients.get(client) ?? { received: 0, isHeld: false };
    this.#clients.delete(client);
    this.#clients.set(client, entry);
    if (this.#clients.size > limits.inputClientsPerTerminal) {
      const forgotten = [...this.#clients.keys()].find((other) => other !== client && !isAttached(other));
      if (forgotten !== undefined) this.#clients.delete(forgotten);
    }
    return entry;
  }
}
