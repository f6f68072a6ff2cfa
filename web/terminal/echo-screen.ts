// The surface of predictive echo over xterm.js: reads its screen by rows that keep their numbers, and overlays cells by decorations.

import type { IMarker, Terminal } from "@xterm/xterm";
import type { Overlay } from "../prediction/overlay.ts";
import { type Place, type Screen, strangeCell } from "../prediction/screen.ts";

/** More rows than a buffer keeps: numbers of rows that are gone do not come again. */
const ROWS_APART = 1_000_000;

export class EchoScreen implements Screen {
  readonly #terminal: Terminal;
  #origin: IMarker | undefined;
  #originRow = 0;
  /** Decorations go with their marker. */
  #markers: IMarker[] = [];

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
      modes.synchronizedOutputMode ||
      modes.mouseTrackingMode !== "none" ||
      !modes.wraparoundMode
    );
  }

  get cursor(): Place {
    const { baseY, cursorX, cursorY } = this.#terminal.buffer.active;
    return { row: baseY + cursorY - this.#firstLine, col: cursorX };
  }

  readRow(row: number): string {
    const line = this.#terminal.buffer.active.getLine(row + this.#firstLine);
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

  /** Where the row is on the screen when it is scrolled to its end. */
  screenRowOf(row: number): number {
    return row + this.#firstLine - this.#terminal.buffer.active.baseY;
  }

  /** Replaces all that was overlaid before. The real cursor is covered while another place is foretold. */
  overlay({ cells, cursor }: Overlay): void {
    for (const marker of this.#markers) marker.dispose();
    this.#markers = [];
    if (cursor === null) return;
    const real = this.cursor;
    const rows = new Map<number, IMarker>();
    for (const { text, ...place } of cells) this.#put(rows, place, text, "predicted-text");
    const isCovered = cells.some(({ row, col }) => row === real.row && col === real.col);
    if (!isCovered && (cursor.row !== real.row || cursor.col !== real.col)) {
      const text = this.readRow(real.row)[real.col] ?? "";
      this.#put(rows, real, text === strangeCell ? "" : text, "predicted-cover");
    }
    this.#put(rows, cursor, "", "predicted-cursor");
    this.#markers = [...rows.values()];
  }

  #put(rows: Map<number, IMarker>, { row, col }: Place, text: string, className: string): void {
    if (this.screenRowOf(row) >= this.#terminal.rows) return;
    const marker = rows.get(row) ?? this.#terminal.registerMarker(row - this.cursor.row);
    rows.set(row, marker);
    const decoration = this.#terminal.registerDecoration({ marker, x: col, layer: "top" });
    decoration?.onRender((element) => {
      const { fontFamily, fontSize } = this.#terminal.options;
      element.classList.add(className);
      element.ariaHidden = "true";
      element.style.font = `${fontSize}px ${fontFamily}`;
      element.style.lineHeight = element.style.height;
      element.textContent = text;
    });
  }

  /** The buffer's line of row 0. */
  get #firstLine(): number {
    if (this.#origin === undefined || this.#origin.isDisposed) {
      this.#origin = this.#terminal.registerMarker(0);
      this.#originRow += ROWS_APART;
    }
    return (this.#origin?.line ?? 0) - this.#originRow;
  }
}
