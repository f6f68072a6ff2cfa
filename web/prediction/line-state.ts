// What a typed line looks like and how one key changes it, as readline does at a shell's prompt or, plainer, a program that only echoes.

import { type Place, strangeCell } from "./screen.ts";
import type { TypedKey } from "./typed-keys.ts";

export type LineState = {
  /** One UTF-16 unit for each cell from the line's start on. */
  text: string;
  cursor: number;
  /** Whether blanks that follow `text` are known not to belong to it. */
  isEndKnown: boolean;
};

export const emptyLine: LineState = { text: "", cursor: 0, isEndKnown: true };

/** The line after `key`, itself when nothing changes, or null when that cannot be foretold. */
export function applyKey(line: LineState, key: TypedKey, isShell: boolean): LineState | null {
  const { text, cursor } = line;
  const isAtEnd = cursor === text.length;
  if (!isShell && !isAtEnd) return null;
  // Wide characters are more than one cell for one key.
  if (text.includes(strangeCell) && (key.type !== "print" || !isAtEnd)) return null;
  switch (key.type) {
    case "print":
      return { ...line, text: text.slice(0, cursor) + key.text + text.slice(cursor), cursor: cursor + 1 };
    case "erase":
      if (cursor === 0) return isShell ? line : null;
      return { ...line, text: text.slice(0, cursor - 1) + text.slice(cursor), cursor: cursor - 1 };
    case "left":
      if (!isShell) return null;
      return cursor === 0 ? line : { ...line, cursor: cursor - 1 };
    case "right":
      if (!isShell || (isAtEnd && !line.isEndKnown)) return null;
      return isAtEnd ? line : { ...line, cursor: cursor + 1 };
    case "home":
      return isShell ? { ...line, cursor: 0 } : null;
    case "end":
      return isShell && line.isEndKnown ? { ...line, cursor: text.length } : null;
    case "discard":
      return isShell ? { ...line, text: text.slice(cursor), cursor: 0 } : null;
    case "enter":
    case "recall":
    case "other":
      return null;
  }
}

export function placeOf(start: Place, index: number, cols: number): Place {
  const at = start.col + index;
  return { row: start.row + Math.floor(at / cols), col: at % cols };
}

/** A cursor behind the last column is one at the next row's start that has not moved yet. */
export function indexOf(start: Place, place: Place, cols: number): number {
  return (place.row - start.row) * cols + place.col - start.col;
}
