// Shows prediction the emulator's buffer: rows by numbers that stay with them, one character for each cell, and whether a program has the screen.

import type { IMarker, Terminal } from "@xterm/xterm";
import { type Place, type Screen, strangeCell } from "../prediction/screen.ts";

/** More rows than a buffer keeps: numbers of rows that are gone do not come again. */
const ROWS_APART = 1_000_000;

export class TerminalScreen implements Screen {
  readonly #terminal: Terminal;
  #origin: IMarker | undefined;
  #originRow = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get isTaken(): boolean {
    const { buffer, modes } = this.#terminal;
    return (
      buffer.active.type === "alternate" ||
      modes.applicationCursorKeysMode ||
      modes.applicationKeypadMode ||
      modes.insertMode ||
      modes.originMode ||
      modes.mouseTrackingMode !== "none" ||
      !modes.wraparoundMode
    );
  }

  get cursor(): Place {
    const { baseY, cursorX, cursorY } = this.#terminal.buffer.active;
    return { row: this.#rowOf(baseY + cursorY), col: cursorX };
  }

  readRow(row: number): string {
    const line = this.#terminal.buffer.active.getLine(this.#lineOf(row));
    if (line === undefined) return " ".repeat(this.cols);
    const cell = line.getCell(0);
    let text = "";
    for (let col = 0; col < this.cols; col += 1) {
      const characters = line.getCell(col, cell)?.getChars() ?? "";
      if (cell?.getWidth() !== 1 || characters.length > 1) text += strangeCell;
      else text += characters === "" ? " " : characters;
    }
    return text;
  }

  /** Where the row is in what is in view, also above and below it. */
  viewRowOf(row: number): number {
    return this.#lineOf(row) - this.#terminal.buffer.active.viewportY;
  }

  #rowOf(line: number): number {
    return line - this.#findOrigin() + this.#originRow;
  }

  #lineOf(row: number): number {
    return row - this.#originRow + this.#findOrigin();
  }

  #findOrigin(): number {
    if (this.#origin === undefined || this.#origin.isDisposed) {
      this.#origin = this.#terminal.registerMarker(0);
      this.#originRow += ROWS_APART;
    }
    return this.#origin?.line ?? 0;
  }
}
