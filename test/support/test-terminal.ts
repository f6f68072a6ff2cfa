// What a client of one terminal must know, and the check that output and input arrive once and in order.

import { limits } from "#wire/limits.ts";
import type { BrowserFrame } from "#wire/terminal-frame.ts";

export interface Opened extends TerminalSize {
  readonly instance: string;
  readonly offset: number;
  readonly end: number;
  readonly received: number;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

const FIRST_ROOM_BYTES = 64 * 1024;

/** Holds no socket: told what arrives, asked what to send. */
export class TestTerminal {
  readonly terminal: number;
  readonly client = crypto.randomUUID();
  /** What went against the protocol; a test expects none. */
  readonly faults: string[] = [];
  /** Instances in the order in which they were seen. */
  readonly instances: string[] = [];
  exitCode: number | null = null;
  truncations = 0;
  isOpen = false;
  /** The size of this tab, and whether it takes it when it opens: a tab in the background does not. */
  wanted: TerminalSize = { cols: 120, rows: 40 };
  claimsSize = true;
  /** The size that the output is for, as the edge told it last. */
  size: TerminalSize | null = null;
  /** Each change of it that was told, and where in the output. */
  readonly resizes: (TerminalSize & { readonly offset: number })[] = [];
  /** Output that is kept, at least; a test of floods keeps little of it. */
  keepBytes = Number.POSITIVE_INFINITY;
  /** All output of this instance that was seen and is kept, from `#firstOffset` on; its end is unused. */
  #kept = Buffer.alloc(FIRST_ROOM_BYTES);
  #keptBytes = 0;
  #firstOffset = 0;
  readonly #watchers: ((added: Buffer) => void)[] = [];
  /** Where the stream continues; behind `offset` while a replay repeats what is shown. */
  #streamOffset = 0;
  #acknowledged = 0;
  /** Input from `#received` on that the agent has not confirmed. */
  #pending = Buffer.alloc(0);
  #received = 0;

  constructor(terminal: number) {
    this.terminal = terminal;
  }

  get instance(): string | null {
    return this.instances.at(-1) ?? null;
  }

  /** End of what is shown. */
  get offset(): number {
    return this.#firstOffset + this.#keptBytes;
  }

  get text(): string {
    return this.#shown.toString("utf8");
  }

  /** The last of what is shown. */
  end(bytes: number): string {
    return this.#shown.subarray(-bytes).toString("utf8");
  }

  /** How much of this client's input the agent has confirmed. */
  get received(): number {
    return this.#received;
  }

  get #shown(): Buffer {
    return this.#kept.subarray(0, this.#keptBytes);
  }

  /** Tells all output that is new to this client from now on, once and in order; the bytes are only lent. */
  watch(watcher: (added: Buffer) => void): void {
    this.#watchers.push(watcher);
  }

  get unconfirmedBytes(): number {
    return this.#pending.length;
  }

  openMessage(): unknown {
    const instance = this.instance;
    const shown = instance === null ? { instance: null, offset: null } : { instance, offset: this.offset };
    const { terminal, client, claimsSize } = this;
    return { type: "open", terminal, ...this.wanted, claimsSize, client, ...shown };
  }

  /** Returns the input that must be sent again. */
  onOpened({ instance, offset, end, received, cols, rows }: Opened): BrowserFrame[] {
    this.size = { cols, rows };
    if (instance === this.instance) {
      if (offset > this.offset) this.#fault(`reopened at ${offset}, after ${this.offset}`);
    } else {
      this.instances.push(instance);
      this.exitCode = null;
      this.#show(offset);
      this.#pending = Buffer.alloc(0);
      this.#received = received;
    }
    if (end < offset) this.#fault(`replay from ${offset} ends at ${end}`);
    this.#streamOffset = offset;
    this.#acknowledged = offset;
    this.isOpen = true;
    this.onReceived(received);
    return this.#frames(this.#received, this.#pending);
  }

  /** Returns the acknowledgement that is due, or null. */
  onOutput({ offset, payload }: BrowserFrame): number | null {
    if (!this.isOpen) this.#fault(`output at ${offset} before it was opened`);
    if (offset !== this.#streamOffset) this.#fault(`output at ${offset} where ${this.#streamOffset} was next`);
    const repeated = Math.min(payload.length, this.offset - offset);
    if (repeated > 0) this.#compare(offset, payload.subarray(0, repeated));
    this.#append(payload.subarray(Math.max(0, repeated)));
    this.#streamOffset = offset + payload.length;
    if (this.#streamOffset - this.#acknowledged < limits.ackEveryBytes) return null;
    this.#acknowledged = this.#streamOffset;
    return this.#streamOffset;
  }

  onTruncated(offset: number): void {
    this.truncations++;
    this.#show(offset);
    this.#streamOffset = offset;
  }

  onResized({ cols, rows }: TerminalSize): void {
    this.size = { cols, rows };
    this.resizes.push({ cols, rows, offset: this.#streamOffset });
  }

  onReceived(offset: number): void {
    if (offset < this.#received) this.#fault(`input confirmed up to ${offset} after ${this.#received}`);
    if (offset > this.#received + this.#pending.length)
      this.#fault(`input confirmed up to ${offset}, which was never sent`);
    this.#pending = this.#pending.subarray(offset - this.#received);
    this.#received = offset;
  }

  /** Takes typed input; returns the frames that carry it. */
  type(text: string): BrowserFrame[] {
    const at = this.#received + this.#pending.length;
    const bytes = Buffer.from(text);
    this.#pending = Buffer.concat([this.#pending, bytes]);
    return this.isOpen ? this.#frames(at, bytes) : [];
  }

  /** The way to it is gone: it must be opened again. */
  detach(): void {
    this.isOpen = false;
  }

  /** Begins anew with nothing shown. */
  #show(offset: number): void {
    this.#keptBytes = 0;
    this.#firstOffset = offset;
  }

  #compare(offset: number, repeated: Uint8Array): void {
    const forgotten = Math.max(0, this.#firstOffset - offset);
    const start = offset + forgotten - this.#firstOffset;
    const known = this.#shown.subarray(start, start + repeated.length - forgotten);
    if (!known.equals(repeated.subarray(forgotten))) this.#fault(`output at ${offset} is not what it was before`);
  }

  #append(added: Uint8Array): void {
    if (added.length === 0) return;
    if (this.#keptBytes > 2 * this.keepBytes) this.#forget(this.#keptBytes - this.keepBytes);
    const start = this.#keptBytes;
    if (start + added.length > this.#kept.length) {
      const larger = Buffer.alloc(2 * (start + added.length));
      this.#shown.copy(larger);
      this.#kept = larger;
    }
    this.#kept.set(added, start);
    this.#keptBytes += added.length;
    for (const watcher of this.#watchers) watcher(this.#kept.subarray(start, this.#keptBytes));
  }

  #forget(bytes: number): void {
    this.#kept.copyWithin(0, bytes, this.#keptBytes);
    this.#firstOffset += bytes;
    this.#keptBytes -= bytes;
  }

  #frames(at: number, bytes: Buffer): BrowserFrame[] {
    const frames: BrowserFrame[] = [];
    for (let start = 0; start < bytes.length; start += limits.inputFrameBytes) {
      const payload = bytes.subarray(start, start + limits.inputFrameBytes);
      frames.push({ terminal: this.terminal, offset: at + start, payload });
    }
    return frames;
  }

  #fault(what: string): void {
    this.faults.push(what);
  }
}
