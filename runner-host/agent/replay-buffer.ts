// Owns the last bytes of one terminal instance's output, addressed by their offset from its first byte.

/** Most terminals show little: memory starts here and doubles up to the capacity. */
const FIRST_ALLOCATION_BYTES = 16 * 1024;

export class ReplayBuffer {
  readonly capacityBytes: number;
  #ring: Buffer;
  #end = 0;
  #start = 0;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
    this.#ring = Buffer.allocUnsafeSlow(Math.min(FIRST_ALLOCATION_BYTES, capacityBytes));
  }

  /** Offset of the oldest byte kept. */
  get start(): number {
    return this.#start;
  }

  /** Offset behind the newest byte. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    const kept = bytes.length > this.capacityBytes ? bytes.subarray(bytes.length - this.capacityBytes) : bytes;
    const end = this.#end + bytes.length;
    const start = Math.max(this.#start, end - this.capacityBytes);
    this.#growTo(end - start);
    this.#write(end - kept.length, kept);
    this.#end = end;
    this.#start = start;
  }

  /** Up to `length` bytes from `offset` on, as a view that the next append may overwrite; shorter where the ring wraps. */
  view(offset: number, length: number): Uint8Array {
    const at = offset % this.#ring.length;
    const available = Math.min(length, this.#end - offset, this.#ring.length - at);
    return this.#ring.subarray(at, at + available);
  }

  #write(offset: number, bytes: Uint8Array): void {
    const at = offset % this.#ring.length;
    const untilWrap = Math.min(bytes.length, this.#ring.length - at);
    this.#ring.set(bytes.subarray(0, untilWrap), at);
    this.#ring.set(bytes.subarray(untilWrap), 0);
  }

  #growTo(bytes: number): void {
    if (bytes <= this.#ring.length) return;
    let size = this.#ring.length;
    while (size < bytes) size = Math.min(size * 2, this.capacityBytes);
    const old = this.#ring;
    this.#ring = Buffer.allocUnsafeSlow(size);
    for (let offset = this.#start; offset < this.#end;) {
      const at = offset % old.length;
      const piece = old.subarray(at, at + Math.min(this.#end - offset, old.length - at));
      this.#write(offset, piece);
      offset += piece.length;
    }
  }
}
