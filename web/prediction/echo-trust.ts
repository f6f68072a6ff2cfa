// Whether what is typed on the present line may be shown before its echo: what the shell's marks, the text before the cursor and the echo so far say.

import { asksSecret, EchoProof, isPrompt } from "./echo-proof.ts";
import { predictionLimits } from "./prediction-limits.ts";
import type { PromptMarks } from "./prompt-marks.ts";
import type { Place } from "./screen.ts";
import type { TypedKey } from "./typed-keys.ts";
import type { PendingKey, TypingLine } from "./typing-line.ts";

const { provingCharacters, unreadCharacters } = predictionLimits;

/** One character for each key, whatever it is. */
export function spell(keys: readonly { key: TypedKey }[]): string {
  return keys.map(({ key }) => (key.type === "print" ? key.text : "\0")).join("");
}

export class EchoTrust {
  readonly #marks: PromptMarks;
  #proof = new EchoProof(0, "");
  #mayShow = false;
  /** A key since the prompt came may have changed what keys mean. */
  #isOdd = false;
  /** The prompt that came last was drawn again, and is the shell's for sure. */
  #isRedrawn = false;
  /** Not typed, and behind the prompt: perhaps the prompt was no more than output. */
  #isWrittenBehind = false;
  /** The prompt is in output from before this page came: more may follow. */
  #isReplayed = false;
  /** In programs: the row of the last line behind something like a prompt, and whether a line without one was seen to echo to its end. */
  #promptedRow: number | null = null;
  #hasEchoedPlainly = false;
  /** What was typed and not yet seen to be read. */
  #unread = "";

  constructor(marks: PromptMarks) {
    this.#marks = marks;
  }

  get isProven(): boolean {
    return this.#proof.isProven;
  }

  get isGiven(): boolean {
    return this.#mayShow && this.#proof.isProven;
  }

  typed(key: TypedKey): void {
    this.#unread = (this.#unread + spell([{ key }])).slice(-unreadCharacters);
    if (key.type === "other") this.#isOdd = true;
  }

  entered(line: TypingLine | null): void {
    this.#marks.entered();
    if (line !== null && !line.isShell) this.#hasEchoedPlainly = this.isProven && this.#promptedRow !== line.start.row;
  }

  commandStarted(): void {
    this.#marks.commandStarted();
    this.#promptedRow = null;
    this.#hasEchoedPlainly = false;
  }

  promptCame(isRedrawn: boolean, isReplayed: boolean): void {
    this.#isOdd &&= isRedrawn;
    this.#isRedrawn = isRedrawn;
    this.#isWrittenBehind &&= isRedrawn;
    this.#isReplayed = isReplayed;
    this.#promptedRow = null;
  }

  /** What came right behind the prompt is not all typed. */
  writtenBehind(): void {
    if (this.#isRedrawn) return;
    this.#isWrittenBehind = true;
    this.#askShellProof(false);
  }

  /** Where readline echoes, behind `before`; `isDoubtful`: it is not sure where. */
  beginShellLine(before: string, isDoubtful: boolean): void {
    this.#askShellProof(isDoubtful);
    this.#mayShow = !asksSecret(before);
  }

  beginProgramLine(start: Place, row: string): void {
    const before = row.slice(0, start.col);
    if (isPrompt(before)) this.#promptedRow = start.row;
    const isPrompted = this.#promptedRow === start.row || this.#hasEchoedPlainly;
    this.#mayShow = isPrompted && !asksSecret(before) && row.slice(start.col).trim() === "";
    this.#proof = new EchoProof(provingCharacters, this.#unread);
  }

  /** A shell reads at once what was typed ahead: a prompt that stands with nothing behind it has nothing before it. */
  promptStands(line: TypingLine | null): void {
    if ((this.#marks.unreadLines === 0 && !this.#isReplayed) || this.#marks.hasEntered) return;
    this.#marks.earlierRead();
    this.#isReplayed = false;
    if (line?.isShell === true && line.pending.length === 0) this.#askShellProof(false);
  }

  confirm(line: TypingLine, shown: readonly PendingKey[]): void {
    if (!this.#proof.take(shown)) return;
    this.#unread = spell(line.pending);
    // Only a shell's own echo shows that it has read what came before; a terminal line echoes what nobody reads.
    if (line.isShell) this.#marks.earlierRead();
  }

  restart(): void {
    this.#marks.allRead();
    this.#unread = "";
  }

  #askShellProof(isDoubtful: boolean): void {
    const isUnsure = this.#marks.unreadLines > 0 || this.#isWrittenBehind || this.#isReplayed;
    const wanted = this.#isOdd || isDoubtful ? 1 : 0;
    this.#proof = new EchoProof(isUnsure ? provingCharacters : wanted, this.#unread);
  }
}
