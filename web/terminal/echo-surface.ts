// The seam of predictive echo: what a predictor may read and draw of one terminal, and what it is told of it.

/** Places count from 0 at the top left of what the terminal shows when it is scrolled to its end. */
export type ScreenPlace = { row: number; col: number };

/** One cell drawn over the screen; `text` is what the cell is expected to show. */
export type PredictedCell = ScreenPlace & { text: string };

/** The terminal as the emulator has drawn it, replay included. It implements this over xterm.js. */
export interface EchoSurface {
  readonly cols: number;
  readonly rows: number;
  readonly cursor: ScreenPlace;
  /** A full-screen program has the screen. */
  readonly isAlternateScreen: boolean;
  /** The program has asked for mouse reports, or draws in synchronized batches: no line editor. */
  readonly isProgramScreen: boolean;
  /** What a cell shows: "" right of the last character, or for the second half of a wide one. */
  readCell(place: ScreenPlace): { text: string; width: number };
  /** Replaces all that was overlaid before; none takes it away. `cursor` is where the next key is expected, null for the real one. */
  overlay(cells: readonly PredictedCell[], cursor: ScreenPlace | null): void;
}

/** Told in the order in which things happen; all of it while the page runs, none of it awaited. */
export interface EchoPredictor {
  /** Typed bytes, right before they are sent (or kept for a terminal that is cut). */
  typed(bytes: Uint8Array): void;
  /** Output after it was parsed: the surface shows it. Replay says nothing about what was typed. */
  drew(bytes: Uint8Array, isReplay: boolean): void;
  /** The last measured way to the container and back; null while it is not known. */
  measured(roundTripMs: number | null): void;
  /** Whatever was expected will not come: a cut, another instance, another size, another terminal shown. */
  forget(): void;
  dispose(): void;
}

/** How the terminal gets its predictor; asked once per terminal, and again after the learner switched prediction on. */
export type MakeEchoPredictor = (surface: EchoSurface) => EchoPredictor;
