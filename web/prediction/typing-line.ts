// One line that is being typed: what the screen showed last, what each key typed since will make of it, and how far the screen has come.

import { applyKey, emptyLine, indexOf, type LineState, placeOf } from "./line-state.ts";
import { emptyOverlay, type Overlay } from "./overlay.ts";
import type { Place, Screen } from "./screen.ts";
import type { TypedKey } from "./typed-keys.ts";

/** Rows that one command line may take. */
const ROWS_MAX = 16;

/** `isHidden`: typed before it was known where and whether it would show. */
export type PendingKey = { key: TypedKey; typedAtMs: number; isHidden: boolean };
/** Why no further key of this line can be foretold, until the output has answered. */
export type Freeze = "enter" | "recall" | "other";

export class TypingLine {
  readonly start: Place;
  readonly isShell: boolean;
  frozen: Freeze | null = null;
  readonly #screen: Screen;
  readonly #keys: PendingKey[] = [];
  /** The state on the screen, then one for each pending key. */
  #states: LineState[];

  constructor(screen: Screen, start: Place, isShell: boolean, state = emptyLine) {
    this.#screen = screen;
    this.start = start;
    this.isShell = isShell;
    this.#states = [state];
  }

  get pending(): readonly PendingKey[] {
    return this.#keys;
  }

  get expected(): LineState {
    return this.#states.at(-1) ?? emptyLine;
  }

  /** Whether the key's effect is known; it is pending then. */
  push(pending: PendingKey): boolean {
    const next = applyKey(this.expected, pending.key, this.isShell);
    if (next === null) return false;
    if (next === this.expected) return true;
    this.#keys.push(pending);
    this.#states.push(next);
    if (this.#states.length === 2 && !this.#isShown(this.#states[0] ?? emptyLine, this.#readCells())) {
      // What is typed would run into something that is not part of the line.
      this.#keys.pop();
      this.#states.pop();
      return false;
    }
    return true;
  }

  /** The keys that the screen shows by now, "partly" when a redrawing may be under way, or null when it shows something else. */
  advance(): PendingKey[] | "partly" | null {
    const cells = this.#readCells();
    const shown = this.#states.findIndex((state) => this.#isShown(state, cells));
    if (shown < 0) return this.#isOnTheWay(cells) ? "partly" : null;
    this.#states = this.#states.slice(shown);
    return this.#keys.splice(0, shown);
  }

  /** For keys that undo one another: nothing is left to wait for when the screen shows the end. */
  isShownWhole(): boolean {
    return this.#isShown(this.expected, this.#readCells());
  }

  /** Something that is pending was typed before the line came. */
  get isHidden(): boolean {
    return this.#keys.some(({ isHidden }) => isHidden);
  }

  /** What differs between the screen and the line once all keys are answered. */
  get overlay(): Overlay {
    if (this.#keys.length === 0) return emptyOverlay;
    const shown = this.#readCells();
    const cells = Array.from(this.expected.text.padEnd(shown.length), (text, index) => ({
      ...this.placeAt(index),
      text,
    }));
    return {
      cells: cells.filter(({ text }, index) => text !== shown[index]),
      cursor: this.placeAt(this.expected.cursor),
    };
  }

  placeAt(index: number): Place {
    return placeOf(this.start, index, this.#screen.cols);
  }

  get cursorIndex(): number {
    return indexOf(this.start, this.#screen.cursor, this.#screen.cols);
  }

  /** The line's cells to the end of the last row that any state reaches. */
  #readCells(): string {
    const { cols } = this.#screen;
    const length = Math.max(...this.#states.map(({ text }) => text.length));
    const rows = Math.floor((this.start.col + length) / cols) + 1;
    let cells = "";
    for (let row = 0; row < rows; row += 1) cells += this.#screen.readRow(this.start.row + row);
    return cells.slice(this.start.col);
  }

  /** Programs other than a shell may show something behind the cursor: a suggestion, a hint. */
  #isShown({ text, cursor }: LineState, cells: string): boolean {
    const isEqual = this.isShell ? text.padEnd(cells.length) === cells : cells.startsWith(text);
    return isEqual && this.cursorIndex === cursor;
  }

  #isOnTheWay(cells: string): boolean {
    const cursor = this.cursorIndex;
    if (cursor < 0 || cursor > cells.length) return false;
    const reached = this.isShell ? cells : cells.slice(0, cursor);
    return Array.from(reached).every(
      (cell, index) => cell === " " || this.#states.some(({ text }) => (text[index] ?? " ") === cell),
    );
  }
}

/** The command line on the screen from `start` on, or null when the cursor is not in it. */
export function readShellLine(screen: Screen, start: Place): LineState | null {
  const cursor = indexOf(start, screen.cursor, screen.cols);
  const below = screen.cursor.row - start.row;
  if (cursor < 0 || below >= ROWS_MAX) return null;
  let cells = screen.readRow(start.row).slice(start.col);
  for (let row = 1; row < ROWS_MAX; row += 1) {
    const next = screen.readRow(start.row + row);
    if (row > below && (cells.endsWith(" ") || next.startsWith(" "))) break;
    cells += next;
  }
  const written = cells.trimEnd();
  return { text: written.padEnd(cursor), cursor, isEndKnown: cursor >= written.length };
}
