// Opens the line that typing goes to: behind a shell's prompt, read off the screen, or at the cursor of a program.

import type { EchoTrust } from "./echo-trust.ts";
import type { LineState } from "./line-state.ts";
import type { Place, Screen } from "./screen.ts";
import type { TypedAhead } from "./typed-ahead.ts";
import { readShellLine, TypingLine } from "./typing-line.ts";

/** `isKnown`: the effect of all that was typed ahead is. */
export type OpenedLine = { line: TypingLine; isKnown: boolean };

export class LineOpening {
  readonly #screen: Screen;
  readonly #trust: EchoTrust;
  readonly #ahead: TypedAhead;

  #promptStart: Place | null = null;

  constructor(screen: Screen, trust: EchoTrust, ahead: TypedAhead) {
    this.#screen = screen;
    this.#trust = trust;
    this.#ahead = ahead;
  }

  promptBegan(): void {
    this.#promptStart = this.#screen.cursor;
  }

  openAtCursor(): OpenedLine {
    const { cursor } = this.#screen;
    const row = this.#screen.readRow(cursor.row);
    this.#ahead.lineCame();
    this.#trust.beginProgramLine(cursor, row);
    return this.#layOn(new TypingLine(this.#screen, cursor, false), row.slice(0, cursor.col));
  }

  openBehind(promptEnd: Place, state: LineState, isDoubtful: boolean): OpenedLine {
    const before = state.text.slice(0, state.cursor);
    this.#trust.beginShellLine(this.#readPrompt(promptEnd) + before, isDoubtful);
    return this.#layOn(new TypingLine(this.#screen, promptEnd, true, state), before);
  }

  /** Null when the cursor is not behind the prompt. */
  readBehind(promptEnd: Place, isDoubtful: boolean): OpenedLine | null {
    const state = readShellLine(this.#screen, promptEnd);
    return state === null ? null : this.openBehind(promptEnd, state, isDoubtful);
  }

  /** All that stands before an empty prompt asks as well: nothing else says what for. */
  #readPrompt({ row, col }: Place): string {
    const whole = this.#screen.readRow(row).slice(0, col);
    const own = this.#promptStart?.row === row ? whole.slice(this.#promptStart.col) : "";
    return own.trim() === "" ? whole : own;
  }

  #layOn(line: TypingLine, before: string): OpenedLine {
    return { line, isKnown: this.#ahead.layOn(line, before) };
  }
}
