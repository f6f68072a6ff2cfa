// What prediction sees of an emulator: the cursor, the cells of a row, and whether a program has taken the screen.

export type Place = {
  /** A number that stays with its line when the screen scrolls. */
  row: number;
  /** May equal the number of columns: the next character wraps. */
  col: number;
};

export interface Screen {
  readonly cols: number;
  readonly cursor: Place;
  /** Alternate screen, application keys, mouse, or modes under which a character is not simply put at the cursor. */
  readonly isTaken: boolean;
  /** One UTF-16 unit for each cell of a row: a blank is a space, a cell that one unit cannot say is `strangeCell`. A row that does not exist is blank. */
  readRow(row: number): string;
}

export const strangeCell = "\uffff";
