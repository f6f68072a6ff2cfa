// What this page shows of one terminal's output: of which instance, up to which offset, and how much of it was acknowledged.

import { limits } from "#wire/limits.ts";
import { splitAtReplay } from "./replay-parts.ts";

export type OutputPart = { instance: string; end: number; payload: Uint8Array; isReplay: boolean };

export class DrawnOutput {
  #instance: string | null = null;
  /** Output before this was given to the emulator. */
  #written = 0;
  #acked = 0;
  /** Output before this is replay: it must not act. */
  #replayEnd = 0;
  /** Where a gap was met that a second `open` has not filled yet. */
  #gapAt: number | null = null;

  get instance(): string | null {
    return this.#instance;
  }

  /** Where output is to go on; null when nothing is shown. */
  get offset(): number | null {
    return this.#instance === null ? null : this.#written;
  }

  /** Output at `offset` was not shown before and is no replay. */
  isNews(offset: number): boolean {
    return offset >= this.#written && offset >= this.#replayEnd;
  }

  /** Another instance, of which nothing is shown yet; null for none. */
  restart(instance: string | null): void {
    this.#instance = instance;
    this.#written = 0;
    this.#acked = 0;
    this.#gapAt = null;
  }

  /** Output goes on at `offset`, and before `end` it is replay. Returns how much of it is gone. */
  attach(offset: number, end: number): number {
    const missing = this.skipTo(offset);
    this.#replayEnd = end;
    this.#acked = Math.max(this.#acked, offset);
    return missing;
  }

  /** Returns how many bytes are passed over. */
  skipTo(offset: number): number {
    const missing = Math.max(0, offset - this.#written);
    this.#written += missing;
    return missing;
  }

  /** A lost frame cannot be waited for. True when it may still come by a second `open`; asked at the same place again, it does not. */
  meetsGap(offset: number): boolean {
    if (offset <= this.#written || this.#gapAt === this.#written) return false;
    this.#gapAt = this.#written;
    return true;
  }

  /** What of a frame was not shown before, parted where replay ends. */
  take(offset: number, payload: Uint8Array): OutputPart[] {
    const [instance, fresh] = [this.#instance, payload.subarray(this.#written - offset)];
    if (fresh.length === 0 || instance === null) return [];
    return splitAtReplay(fresh, this.#replayEnd - this.#written).map(([part, isReplay]) => {
      this.#written += part.length;
      return { instance, end: this.#written, payload: part, isReplay };
    });
  }

  /** Everything before `offset` is drawn: true when that is to be acknowledged now. */
  ack(offset: number): boolean {
    if (offset - this.#acked < limits.ackEveryBytes) return false;
    this.#acked = offset;
    return true;
  }
}
