// Owns how much of each client's input one terminal instance has taken and told: drops repeats, refuses gaps, bounds what a PTY has not read yet.

import { limits } from "#wire/limits.ts";

/**
 * Input that was taken need not be told at once: it frees what a browser keeps. A key's echo goes first, and one receipt
 * serves all keys of this time; a paste is told piece by piece.
 */
export const RECEIPT_DELAY_MS = 50;
export const RECEIPT_BYTES = limits.inputFrameBytes;

/** Tells the client, on the connection it opened last, that everything before `offset` was taken. */
export type Receipt = { client: string; offset: number };

/** `isHeld`: the client ran ahead and has been told once; it is told again when it may go on. */
type Client = { client: string; received: number; told: number; isHeld: boolean };

export class TerminalInput {
  readonly #clients = new Map<string, Client>();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #tellAtMs: number | null = null;

  /** The bytes that the PTY should be given next, or null. */
  get next(): Uint8Array | null {
    return this.#pending[0] ?? null;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** When receipts are due, or null. */
  get tellAtMs(): number | null {
    return this.#tellAtMs;
  }

  /** Bytes of this client's input taken so far, which it is told now; a client that was not met (or was forgotten) starts at 0. */
  attach(client: string): number {
    const entry = this.#clients.get(client);
    if (entry === undefined) return 0;
    entry.told = entry.received;
    return entry.received;
  }

  /**
   * Takes what is new of a client's bytes at `offset`, as far as there is room. Returns a receipt that cannot wait: much was
   * taken, or the client must wait, or had to. It is null when this client knows already that it must wait and where to go on.
   */
  take(
    client: string,
    { offset, bytes }: { offset: number; bytes: Uint8Array },
    nowMs: number,
    isAttached: (client: string) => boolean,
  ): Receipt | null {
    const entry = this.#remember(client, isAttached);
    if (offset > entry.received) return this.#hold(entry);
    const fresh = bytes.subarray(entry.received - offset);
    if (fresh.length === 0) return this.#tellLater(entry, nowMs);
    const taken = Uint8Array.from(fresh.subarray(0, limits.pendingInputBytes - this.#pendingBytes));
    if (taken.length === 0) return this.#hold(entry);
    this.#pending.push(taken);
    this.#pendingBytes += taken.length;
    entry.received += taken.length;
    const wasHeld = entry.isHeld;
    entry.isHeld = taken.length < fresh.length;
    if (wasHeld || entry.isHeld || entry.received - entry.told >= RECEIPT_BYTES) return tell(entry);
    return this.#tellLater(entry, nowMs);
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

  /** To clients that were held and may go on now; asked after `consume`. */
  releaseHeld(): Receipt[] {
    if (this.#pendingBytes > limits.pendingInputBytes / 2) return [];
    const released = [];
    for (const entry of this.#clients.values()) {
      if (!entry.isHeld) continue;
      entry.isHeld = false;
      released.push(tell(entry));
    }
    return released;
  }

  /** All that was taken and not told; asked at `tellAtMs`. */
  takeReceipts(): Receipt[] {
    this.#tellAtMs = null;
    const receipts = [];
    for (const entry of this.#clients.values()) if (entry.received > entry.told) receipts.push(tell(entry));
    return receipts;
  }

  #tellLater(entry: Client, nowMs: number): null {
    if (entry.received > entry.told) this.#tellAtMs ??= nowMs + RECEIPT_DELAY_MS;
    return null;
  }

  #hold(entry: Client): Receipt | null {
    if (entry.isHeld) return null;
    entry.isHeld = true;
    return tell(entry);
  }

  /** The entry of a client, as the most recently used one; beyond the limit the longest unused goes, never one that is attached: its offset could not be had again. */
  #remember(client: string, isAttached: (client: string) => boolean): Client {
    const entry = this.#clients.get(client) ?? { client, received: 0, told: 0, isHeld: false };
    this.#clients.delete(client);
    this.#clients.set(client, entry);
    if (this.#clients.size > limits.inputClientsPerTerminal) {
      const forgotten = [...this.#clients.keys()].find((other) => other !== client && !isAttached(other));
      if (forgotten !== undefined) this.#clients.delete(forgotten);
    }
    return entry;
  }
}

function tell(entry: Client): Receipt {
  entry.told = entry.received;
  return { client: entry.client, offset: entry.received };
}
