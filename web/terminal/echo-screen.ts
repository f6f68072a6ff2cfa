// The surface of predictive echo over xterm.js: reads its active screen and overlays cells by decorations.

import type { IDecoration, IMarker, Terminal } from "@xterm/xterm";
import type { EchoSurface, PredictedCell, ScreenPlace } from "./echo-surface.ts";

type Overlaid = { marker: IMarker; decoration: IDecoration };

export class EchoScreen implements EchoSurface {
  readonly #terminal: Terminal;
  #overlaid: Overlaid[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get cursor(): ScreenPlace {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { row: cursorY, col: cursorX };
  }

  get isAlternateScreen(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  get isProgramScreen(): boolean {
    const { mouseTrackingMode, synchronizedOutputMode } = this.#terminal.modes;
    return mouseTrackingMode !== "none" || synchronizedOutputMode;
  }

  readCell({ row, col }: ScreenPlace): { text: string; width: number } {
    const { active } = this.#terminal.buffer;
    const cell = active.getLine(active.baseY + row)?.getCell(col);
    return { text: cell?.getChars() ?? "", width: cell?.getWidth() ?? 1 };
  }

  overlay(cells: readonly PredictedCell[], cursor: ScreenPlace | null): void {
    for (const { marker, decoration } of this.#overlaid) {
      decoration.dispose();
      marker.dispose();
    }
    this.#overlaid = [];
    this.#terminal.element?.classList.toggle("predicts", cursor !== null);
    for (const { text, ...place } of cells) this.#put(place, text, "predicted-text");
    if (cursor !== null) this.#put(cursor, "", "predicted-cursor");
  }

  #put({ row, col }: ScreenPlace, text: string, className: string): void {
    const marker = this.#terminal.registerMarker(row - this.cursor.row);
    const decoration = this.#terminal.registerDecoration({ marker, x: col, layer: "top" });
    if (decoration === undefined) {
      marker.dispose();
      return;
    }
    decoration.onRender((element) => {
      element.classList.add(className);
      element.textContent = text;
    });
    this.#overlaid.push({ marker, decoration });
  }
}
