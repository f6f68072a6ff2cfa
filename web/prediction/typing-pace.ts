// Times measured in round trips: when typing has paused long enough, when an answer is overdue, when a prompt stands.

import { predictionLimits } from "./prediction-limits.ts";

export class TypingPace {
  roundTripMs: number | null = null;
  #lastKeyAtMs = Number.NEGATIVE_INFINITY;
  #recalledAtMs = Number.NEGATIVE_INFINITY;
  #promptAtMs = Number.NEGATIVE_INFINITY;

  /** Far enough for predictions to be of use. */
  get isFar(): boolean {
    return this.roundTripMs !== null && this.roundTripMs > predictionLimits.shownAboveMs;
  }

  get unansweredMs(): number {
    return this.#roundTrips(predictionLimits.unansweredRoundTrips) + predictionLimits.unansweredExtraMs;
  }

  typed(nowMs: number): void {
    this.#lastKeyAtMs = nowMs;
  }

  recalled(nowMs: number): void {
    this.#recalledAtMs = nowMs;
  }

  prompted(nowMs: number): void {
    this.#promptAtMs = nowMs;
  }

  /** The screen shows the answer to every key. */
  isSettled(nowMs: number): boolean {
    const { settledRoundTrips, settledExtraMs } = predictionLimits;
    return nowMs - this.#lastKeyAtMs >= this.#roundTrips(settledRoundTrips) + settledExtraMs;
  }

  /** A key such as Tab may still be redrawing the line. */
  isRecalling(nowMs: number): boolean {
    return nowMs - this.#recalledAtMs <= predictionLimits.answerMs + this.#roundTrips(1);
  }

  doesPromptStand(nowMs: number): boolean {
    const { promptStandsMs, promptStandsRoundTrips } = predictionLimits;
    return nowMs - this.#promptAtMs >= Math.max(promptStandsMs, this.#roundTrips(promptStandsRoundTrips));
  }

  #roundTrips(count: number): number {
    return count * (this.roundTripMs ?? predictionLimits.roundTripGuessMs);
  }
}
