// Whose size a terminal has: it follows the tab used last, and every other tab draws at that size.

import type { TerminalEffect, TerminalSize } from "./terminal-event.ts";

const isSame = (a: TerminalSize, b: TerminalSize): boolean => a.cols === b.cols && a.rows === b.rows;

export class SizeClaim {
  readonly #terminal: number;
  /** What this tab has room for. */
  #room: TerminalSize;
  /** What is drawn here. */
  #drawn: TerminalSize;
  /** The size that the terminal has; null until it is known. */
  #actual: TerminalSize | null = null;
  /** A size that was given and has not come back: what comes before it is older. */
  #given: TerminalSize | null = null;
  /** The terminal has its size from this tab, as far as is known. */
  #isOurs = false;
  #wasElsewhere = false;
  /** What the last `open` carried, and whether it claimed. */
  #opened: { size: TerminalSize; isClaimed: boolean } | null = null;

  constructor(terminal: number, room: TerminalSize) {
    this.#terminal = terminal;
    this.#room = room;
    this.#drawn = room;
  }

  get room(): TerminalSize {
    return this.#room;
  }

  /** Whether another tab's size is drawn here; null when that is as it was. */
  noteElsewhere(isAttached: boolean): boolean | null {
    const isElsewhere = isAttached && this.#actual !== null && !this.#isOurs && !isSame(this.#actual, this.#room);
    if (isElsewhere === this.#wasElsewhere) return null;
    this.#wasElsewhere = isElsewhere;
    return isElsewhere;
  }

  /** The way is cut, or opened again: nothing that was given will come back. True: the `open` claims the size. */
  open(mayClaim: boolean): boolean {
    const isClaimed = mayClaim && (this.#actual === null || this.#isOurs);
    this.#given = null;
    this.#opened = { size: this.#room, isClaimed };
    return isClaimed;
  }

  opened(actual: TerminalSize): TerminalEffect[] {
    const opened = this.#opened;
    this.#actual = actual;
    this.#isOurs = opened !== null && opened.isClaimed && isSame(opened.size, actual);
    const steps = this.#drawAt(actual);
    // The place has changed since the claim was sent.
    return this.#isOurs && !isSame(this.#room, actual) ? [...steps, ...this.#give(true)] : steps;
  }

  /** There is room for another size. */
  fit(room: TerminalSize, isAttached: boolean): TerminalEffect[] {
    this.#room = room;
    if (this.#actual === null) return this.#drawAt(room);
    return this.#isOurs ? this.#give(isAttached) : [];
  }

  /** This tab is used: the size is this tab's from here on. */
  use(isAttached: boolean): TerminalEffect[] {
    if (this.#actual === null) return [];
    this.#isOurs = true;
    return this.#give(isAttached);
  }

  resized(actual: TerminalSize): TerminalEffect[] {
    this.#actual = actual;
    if (this.#given !== null) {
      if (isSame(this.#given, actual)) this.#given = null;
      return [];
    }
    if (!isSame(actual, this.#room)) this.#isOurs = false;
    return this.#drawAt(actual);
  }

  #give(isAttached: boolean): TerminalEffect[] {
    const size = this.#room;
    const steps = this.#drawAt(size);
    if (this.#actual === null || isSame(size, this.#given ?? this.#actual)) return steps;
    if (!isAttached) return steps;
    this.#given = size;
    return [...steps, { type: "send", message: { type: "resize", terminal: this.#terminal, ...size } }];
  }

  #drawAt({ cols, rows }: TerminalSize): TerminalEffect[] {
    if (isSame({ cols, rows }, this.#drawn)) return [];
    this.#drawn = { cols, rows };
    return [{ type: "draw_at", cols, rows }];
  }
}
