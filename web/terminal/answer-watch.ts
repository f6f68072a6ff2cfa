// Tells the emulator's own answers to device queries from typing, and whether the query was in replayed output.

import type { IParser } from "@xterm/xterm";

/**
 * xterm reports answers and typing through one event. Answers are made synchronously while a chunk is parsed, and a chunk's write
 * callback runs right after it: from a query's handler to that callback everything reported is an answer.
 */
export class AnswerWatch {
  /** For each chunk that was written and not yet parsed, in order: is it replay? */
  readonly #chunks: boolean[] = [];
  #isAnswering = false;

  constructor(parser: IParser) {
    const watch = (): boolean => {
      this.#isAnswering = true;
      return false;
    };
    // Device attributes, status and cursor reports, modes, window reports, focus reports (a focused page answers DECSET 1004 at once).
    for (const id of [
      { final: "c" },
      { prefix: ">", final: "c" },
      { prefix: "=", final: "c" },
      { final: "n" },
      { prefix: "?", final: "n" },
      { intermediates: "$", final: "p" },
      { prefix: "?", intermediates: "$", final: "p" },
      { prefix: ">", final: "q" },
      { prefix: "?", final: "u" },
      { prefix: "?", final: "h" },
      { final: "t" },
    ]) {
      parser.registerCsiHandler(id, watch);
    }
    parser.registerDcsHandler({ intermediates: "$", final: "q" }, watch);
    parser.registerDcsHandler({ intermediates: "+", final: "q" }, watch);
    parser.registerEscHandler({ final: "Z" }, watch);
    // Colour queries.
    for (const id of [4, 10, 11, 12]) parser.registerOscHandler(id, watch);
  }

  get isAnswering(): boolean {
    return this.#isAnswering;
  }

  get isReplay(): boolean {
    return this.#chunks[0] ?? false;
  }

  expect(isReplay: boolean): void {
    this.#chunks.push(isReplay);
  }

  passed(): void {
    this.#chunks.shift();
    this.#isAnswering = false;
  }
}
