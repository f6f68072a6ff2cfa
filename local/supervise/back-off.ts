// How long to wait before a child that ended is started again; pure.

const FIRST_MS = 100;
const MAX_MS = 5_000;
/** A child that ran this long was sound: its next failure counts as the first. */
const SOUND_MS = 10_000;

export interface BackOff {
  readonly delayMs: number;
  /** Failures in a row, this one included. */
  readonly failures: number;
}

export function nextBackOff(failures: number, ranMs: number): BackOff {
  const count = ranMs >= SOUND_MS ? 1 : failures + 1;
  return { delayMs: Math.min(MAX_MS, FIRST_MS * 2 ** (count - 1)), failures: count };
}
