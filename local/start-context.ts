// What every step of a start is given: where things are, how to show progress, and how to end.

import type { Progress } from "./progress.ts";

export interface StartContext {
  readonly project: string;
  readonly imagesDir: string;
  readonly progress: Progress;
  /** What has to be undone, in reverse; the caller disposes of it, also after a failure. */
  readonly undo: AsyncDisposableStack;
  readonly signal: AbortSignal;
  /** Ends the commands that are running for this start. */
  readonly cutShort: () => void;
}
