// What was typed before it was known where it will show: since Enter until a line comes, since Tab until the shell has answered.

import { spell } from "./echo-trust.ts";
import { predictionLimits } from "./prediction-limits.ts";
import type { Screen } from "./screen.ts";
import type { PendingKey, TypingLine } from "./typing-line.ts";

export class TypedAhead {
  readonly #screen: Screen;
  #keys: PendingKey[] = [];
  /** Where the last Enter was typed, until output has gone below. */
  #enteredRow: number | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  get isTooMuch(): boolean {
    return this.#keys.length > predictionLimits.keysAhead;
  }

  /** Output has gone below the line that was entered. */
  get hasLineCome(): boolean {
    return this.#enteredRow === null || this.#screen.cursor.row > this.#enteredRow;
  }

  push(key: PendingKey): void {
    this.#keys.push(key);
  }

  clear(): void {
    this.#keys = [];
  }

  entered(line: TypingLine | null): void {
    this.#keys = [];
    this.#enteredRow = Math.max(this.#screen.cursor.row, line?.placeAt(line.expected.cursor).row ?? 0);
  }

  lineCame(): void {
    this.#enteredRow = null;
  }

  /** Typed before a prompt or a program came: it may show there, but is not to be shown before. */
  holdBack(line: TypingLine | null): void {
    if (line?.frozen === null) this.#keys = line.pending.map((key) => ({ ...key, isHidden: true }));
  }

  /** Puts it on the line, as far as it does not stand before the cursor already; false when its effect there is not known. */
  layOn(line: TypingLine, before: string): boolean {
    const typed = spell(this.#keys);
    let echoed = typed.length;
    while (!before.endsWith(typed.slice(0, echoed))) echoed -= 1;
    const isKnown = this.#keys.slice(echoed).every((key) => line.push(key));
    this.#keys = [];
    return isKnown;
  }
}
