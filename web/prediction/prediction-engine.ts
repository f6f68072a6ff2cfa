// Foretells what typing will show: owns the line that is being typed and what is drawn ahead of the output.

import { EchoTrust } from "./echo-trust.ts";
import { LineOpening, type OpenedLine } from "./line-opening.ts";
import { emptyLine } from "./line-state.ts";
import { MissPause } from "./miss-pause.ts";
import { emptyOverlay, type Overlay } from "./overlay.ts";
import { predictionLimits } from "./prediction-limits.ts";
import { type PromptMark, PromptMarks } from "./prompt-marks.ts";
import type { Place, Screen } from "./screen.ts";
import { TypedAhead } from "./typed-ahead.ts";
import { readKeys, type TypedKey } from "./typed-keys.ts";
import { type PendingKey, TypingLine } from "./typing-line.ts";
import { TypingPace } from "./typing-pace.ts";

export class PredictionEngine {
  isEnabled = true;
  readonly #screen: Screen;
  readonly #marks = new PromptMarks();
  readonly #trust = new EchoTrust(this.#marks);
  readonly #pace = new TypingPace();
  readonly #pause = new MissPause();
  readonly #text = new TextDecoder();
  readonly #ahead: TypedAhead;
  readonly #opening: LineOpening;
  #line: TypingLine | null = null;
  /** The line whose prompt is being drawn again. */
  #redrawn: TypingLine | null = null;
  /** Where the shell's prompt ended, while it is known to wait there. */
  #promptEnd: Place | null = null;
  /** The prompt is in the output that is being parsed: a line drawn again may follow. */
  #isFresh = false;
  /** Nothing is predicted until typing has paused and the screen shows all of it. */
  #isLost = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#ahead = new TypedAhead(screen);
    this.#opening = new LineOpening(screen, this.#trust, this.#ahead);
  }

  set roundTripMs(roundTripMs: number | null) {
    this.#pace.roundTripMs = roundTripMs;
  }

  /** When `tick` has something to do, if nothing comes before. */
  get deadlineMs(): number | null {
    const first = this.#line?.pending[0];
    return first === undefined ? null : first.typedAtMs + this.#pace.unansweredMs;
  }

  get overlay(): Overlay {
    const line = this.#line;
    const mayShow = this.isEnabled && this.#pace.isFar && this.#trust.isGiven;
    return line === null || line.isHidden || !mayShow ? emptyOverlay : line.overlay;
  }

  typed(bytes: Uint8Array, nowMs: number): void {
    for (const key of readKeys(this.#text.decode(bytes, { stream: true }))) this.#type(key, nowMs);
  }

  /** While output is parsed, at the mark's place; `isReplayed`: the output is from before this page came. */
  marked(mark: PromptMark, nowMs: number, isReplayed: boolean): void {
    if (mark.type === "ends") {
      const isRedrawn = this.#marks.promptEnded(mark.prompt);
      if (!this.#screen.isTaken) this.#openPrompt(isRedrawn, isReplayed, nowMs);
      return;
    }
    if (mark.type === "begins") {
      this.#redrawn = this.#line;
      this.#opening.promptBegan();
    } else {
      this.#trust.commandStarted();
      this.#ahead.holdBack(this.#line);
      if (this.#marks.unreadLines === 0) this.#ahead.lineCame();
    }
    this.#line = null;
    this.#promptEnd = null;
  }

  /** After each part of the output that was parsed. */
  drawn(nowMs: number): void {
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    const line = this.#line;
    if (this.#screen.isTaken) this.forget();
    else if (line === null) this.#follow();
    else if (line.pending.length > 0 || line.frozen !== null || isFresh) {
      const shown = line.advance();
      if (isFresh && (shown === null || shown === "partly")) this.#trust.writtenBehind();
      if (shown === null && isFresh) this.#locate(line.pending.length > 0);
      else if (shown === null) this.#contradict(line, nowMs);
      else if (shown !== "partly") this.#confirm(line, shown);
    } else if (line.isShell && !this.#pace.isRecalling(nowMs) && !line.isShownWhole()) this.#trust.writtenBehind();
  }

  tick(nowMs: number): void {
    const line = this.#line;
    if (line === null || nowMs < (this.deadlineMs ?? Number.POSITIVE_INFINITY)) return;
    // Keys that undo one another may have been answered at once.
    if (line.isShownWhole()) this.#line = new TypingLine(this.#screen, line.start, line.isShell, line.expected);
    else if (line.isShell && line.frozen === null && line.isHidden) this.#locate(false);
    else this.#lose();
  }

  /** The screen is a program's, or has another size. */
  forget(): void {
    this.#lose();
    this.#isLost = false;
    this.#ahead.lineCame();
    this.#redrawn = null;
    this.#isFresh = false;
  }

  /** Another shell: what was typed before reaches nobody. */
  restart(): void {
    this.forget();
    this.#trust.restart();
  }

  #type(key: TypedKey, nowMs: number): void {
    const isSettled = this.#pace.isSettled(nowMs);
    this.#pace.typed(nowMs);
    this.#trust.typed(key);
    if (this.#screen.isTaken) this.forget();
    if (key.type === "enter") this.#enter();
    else if (key.type === "recall" || key.type === "other") this.#freeze(key.type, nowMs);
    else if (!this.#screen.isTaken) this.#foretell(key, nowMs, isSettled);
  }

  #enter(): void {
    const line = this.#line;
    this.#trust.entered(line);
    this.#ahead.entered(line);
    if (line !== null && line.pending.length > 0) line.frozen = "enter";
    else this.#line = null;
    this.#isLost = false;
  }

  #freeze(why: "recall" | "other", nowMs: number): void {
    this.#pace.recalled(nowMs);
    this.#ahead.clear();
    if (this.#line === null || this.#line.frozen === "enter") this.#isLost = true;
    else if (this.#line.frozen !== "other") this.#line.frozen = why;
  }

  #foretell(key: TypedKey, nowMs: number, isSettled: boolean): void {
    if (this.#pause.holds(this.#promptEnd !== null, nowMs)) this.#isLost = true;
    const line = this.#findLine(nowMs, isSettled);
    // What was typed at a shell's prompt may be shown once its place is known; what was typed before a line came may not.
    const isHidden = line === null && !(this.#line?.isShell === true && this.#line.frozen !== "enter");
    const pending: PendingKey = { key, typedAtMs: nowMs, isHidden };
    if (line === null) {
      if (!this.#isLost) this.#ahead.push(pending);
      if (this.#ahead.isTooMuch) this.#lose();
    } else if (line.pending.length >= predictionLimits.keysAhead || !line.push(pending)) this.#freeze("other", nowMs);
  }

  /** The line that the next key goes to, or null when the screen does not show yet where that is. */
  #findLine(nowMs: number, isSettled: boolean): TypingLine | null {
    const line = this.#line;
    if (isSettled && this.#promptEnd !== null && this.#pace.doesPromptStand(nowMs)) this.#trust.promptStands(line);
    if (this.#isLost) {
      if (!isSettled || this.#pause.holds(this.#promptEnd !== null, nowMs)) return null;
      this.#isLost = false;
      this.#ahead.clear();
      return this.#locate(false);
    }
    if (line === null || line.frozen !== null) {
      const isEntered = line === null || line.frozen === "enter";
      const hasChanged = line === null ? this.#ahead.hasLineCome : line.pending.length === 0 && !line.isShownWhole();
      const isAnswered = this.#ahead.isEmpty && hasChanged && line?.frozen !== "enter";
      if (!isAnswered && !isSettled) return null;
      this.#ahead.clear();
      return isEntered ? this.#openLine() : this.#locate(false);
    }
    if (line.pending.length > 0 || line.isShownWhole()) return line;
    return line.isShell && this.#pace.isRecalling(nowMs) ? this.#locate(false) : this.#openLine();
  }

  #openPrompt(isRedrawn: boolean, isReplayed: boolean, nowMs: number): void {
    const [redrawn, { cursor }] = [this.#redrawn, this.#screen];
    this.#redrawn = null;
    this.#promptEnd = cursor;
    if (isRedrawn && redrawn?.start.row === cursor.row && redrawn.start.col === cursor.col) {
      this.#line = redrawn;
      return;
    }
    this.#ahead.holdBack(redrawn ?? this.#line);
    this.#isLost &&= !this.#pace.isSettled(nowMs);
    this.#ahead.lineCame();
    this.#isFresh = true;
    this.#trust.promptCame(isRedrawn, isReplayed);
    this.#pace.prompted(nowMs);
    this.#begin(this.#opening.openBehind(cursor, emptyLine, false));
  }

  /** Reads the shell's line off the screen; outside one, the line starts at the cursor. */
  #locate(isDoubtful: boolean): TypingLine {
    const opened = this.#promptEnd === null ? null : this.#opening.readBehind(this.#promptEnd, isDoubtful);
    return opened === null ? this.#openLine() : this.#begin(opened);
  }

  #openLine(): TypingLine {
    this.#promptEnd = null;
    return this.#begin(this.#opening.openAtCursor());
  }

  #begin({ line, isKnown }: OpenedLine): TypingLine {
    if (!isKnown) this.#isLost = true;
    this.#line = line;
    return line;
  }

  #follow(): void {
    if (!this.#ahead.isEmpty && this.#ahead.hasLineCome) this.#openLine();
  }

  #confirm(line: TypingLine, shown: readonly PendingKey[]): void {
    this.#pause.wereRight(this.#promptEnd !== null, shown.length);
    this.#trust.confirm(line, shown);
    if (line.frozen === "enter" && line.pending.length === 0) this.#line = null;
  }

  #contradict(line: TypingLine, nowMs: number): void {
    if (line.frozen === "enter") {
      this.#line = null;
      this.#follow();
    } else if (line.frozen !== null) {
      this.#locate(!this.#ahead.isEmpty);
    } else if (this.#trust.isGiven) {
      this.#pause.missed(this.#promptEnd !== null, nowMs);
      this.#lose();
    } else if (line.isShell) {
      this.#line = null;
      this.#isLost = true;
    } else {
      this.#ahead.holdBack(line);
      this.#openLine();
    }
  }

  #lose(): void {
    this.#line = null;
    this.#promptEnd = null;
    this.#ahead.clear();
    this.#isLost = true;
  }
}
