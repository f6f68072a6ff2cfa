// Decides from what was echoed whether a line outside a marked prompt echoes: masks, secrets and typing from before do not prove it.

import { predictionLimits } from "./prediction-limits.ts";
import type { PendingKey } from "./typing-line.ts";

/** How a program ends the text in front of an answer: python's ">>> ", "... ", a shell's "$ ", "Name: ", "[y/n] ". */
const PROMPT = /[>$#%:?)\]}❯➜λ»] ?$|^(?:\.\.\.|\|) $/;
const SECRET = /pass|secret|token|\bpin\b|(?:code|key): ?$|kennwort|contrase|mot de/i;

export function isPrompt(before: string): boolean {
  return PROMPT.test(before);
}

export function asksSecret(before: string): boolean {
  return SECRET.test(before);
}

export class EchoProof {
  readonly #wanted: number;
  /** Typed before this line came, and perhaps only read now: the same characters in it would be its echo, not this line's. */
  readonly #before: string;
  #echoed = "";
  #isProven: boolean;

  /** `wanted`: how many different characters must have been echoed; 0: the line is known to echo. */
  constructor(wanted: number, before: string) {
    this.#wanted = wanted;
    this.#before = before;
    this.#isProven = wanted === 0;
  }

  get isProven(): boolean {
    return this.#isProven;
  }

  /** True when these keys, shown in this order, complete the proof. */
  take(shown: readonly PendingKey[]): boolean {
    if (this.#isProven) return false;
    for (const { key, isHidden } of shown) if (key.type === "print" && !isHidden) this.#echoed += key.text;
    const isRepeated = this.#wanted >= predictionLimits.provingCharacters && this.#before.includes(this.#echoed);
    this.#isProven = new Set(this.#echoed).size >= this.#wanted && !isRepeated;
    return this.#isProven;
  }
}
