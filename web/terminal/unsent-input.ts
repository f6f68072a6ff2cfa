// The input of one client to one terminal instance that the agent has not taken yet, by offset, and when to send it again.

import { limits } from "#wire/limits.ts";

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

export type InputFrame = { offset: number; payload: Uint8Array };

export class UnsentInput {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Offset of the first kept byte: everything before it was taken. */
  #start = 0;
  /** Offset of the first byte that is not on its way. */
  #next = 0;
  /** Set while the agent refuses input: the delay before one frame is tried again. */
  #retryDelayMs: number | null = null;

  /** False, and nothing kept, when `bytes` does not fit: half a paste would be worse than none. */
  append(bytes: Uint8Array): boolean {
    if (this.#bytes.length + bytes.length > limits.unsentInputBytes) return false;
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    return true;
  }

  /** A new attachment: the agent has taken what is before `received`, and nothing else is on its way. */
  attach(received: number): void {
    this.#take(received);
    this.#next = this.#start;
    this.#retryDelayMs = null;
  }

  /** What may go out now; nothing while the agent refuses input. */
  takeFrames(): InputFrame[] {
    const frames: InputFrame[] = [];
    if (this.#retryDelayMs !== null) return frames;
    for (let frame = this.#nextFrame(); frame !== null; frame = this.#nextFrame()) frames.push(frame);
    return frames;
  }

  /**
   * The agent has taken what is before `offset`. When that is nothing new, what is on its way was refused (the PTY is full, or a
   * frame before it was refused) or may now go on: returns the delay after which to call `retry`, or null.
   */
  received(offset: number): number | null {
    if (offset > this.#start) {
      this.#take(offset);
      if (this.#retryDelayMs !== null) this.#next = this.#start;
      this.#retryDelayMs = null;
      return null;
    }
    if (this.#next === this.#start) return null;
    this.#retryDelayMs = RETRY_FIRST_MS;
    return this.#retryDelayMs;
  }

  /** One frame to try again and the delay before the next try; null when the agent takes input again. */
  retry(): { frame: InputFrame; delayMs: number } | null {
    if (this.#retryDelayMs === null) return null;
    this.#next = this.#start;
    const frame = this.#nextFrame();
    if (frame === null) return null;
    this.#retryDelayMs = Math.min(this.#retryDelayMs * 2, RETRY_MAX_MS);
    return { frame, delayMs: this.#retryDelayMs };
  }

  /** Starts at offset 0 of another instance; returns what was never taken. */
  restart(): Uint8Array {
    const left = this.#bytes;
    this.#bytes = new Uint8Array(0);
    this.#start = 0;
    this.#next = 0;
    this.#retryDelayMs = null;
    return left;
  }

  /** A container may say that it took what was never typed. */
  #take(claimed: number): void {
    const offset = Math.min(claimed, this.#start + this.#bytes.length);
    if (offset <= this.#start) return;
    this.#bytes = this.#bytes.slice(offset - this.#start);
    this.#start = offset;
    this.#next = Math.max(this.#next, offset);
  }

  #nextFrame(): InputFrame | null {
    const from = this.#next - this.#start;
    const payload = this.#bytes.subarray(from, from + limits.inputFrameBytes);
    if (payload.length === 0) return null;
    const offset = this.#next;
    this.#next += payload.length;
    return { offset, payload };
  }
}
