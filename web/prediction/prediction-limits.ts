// The limits of local prediction, with their units and reasons.

export const predictionLimits = {
  /** Below this an echo comes as soon as a guess could be drawn, and a guess can only flicker. */
  shownAboveMs: 30,
  /** Keys ahead of the output: more than a fast typist's in any round trip; the rest of a paste is waited for. */
  keysAhead: 256,
  /** A guess that is this many round trips old, and this much older, is not going to be answered as thought. */
  unansweredRoundTrips: 3,
  unansweredExtraMs: 250,
  /** After a pause in typing of this many round trips, and this much longer, the screen shows the answer to every key. */
  settledRoundTrips: 1.5,
  settledExtraMs: 60,
  /** A prompt that stands this many round trips, or this long, has no typed line in front of it: a shell reads those at once. */
  promptStandsRoundTrips: 2,
  promptStandsMs: 300,
  /** Taken for a round trip that is not measured yet. */
  roundTripGuessMs: 200,
  /** A key such as Tab may redraw the line this long, however near the shell is. */
  answerMs: 1_000,
  /** After a wrong guess nothing is predicted this long, doubling with each further one up to the second ... */
  pauseFirstMs: 1_000,
  pauseMaxMs: 30_000,
  /** ... and this many right ones in a row make up for them. */
  rightKeysToForgive: 40,
  /** Different characters in a row that must have been echoed before echo is believed: a mask shows always the same. */
  provingCharacters: 2,
  /** Typing that may still lie unread in a terminal line: what a line discipline keeps. */
  unreadCharacters: 4_096,
} as const;
