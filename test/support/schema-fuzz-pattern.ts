// Writes text that a regular expression of the wire schemas matches; it knows the small part of the language that they use and refuses the rest.

import type { SeededRandom } from "./seeded-random.ts";

type Part = { write: (random: SeededRandom) => string };

/** Repetitions without an upper bound end here. */
const OPEN_END = 6;
const WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".split("");
const DIGITS = "0123456789".split("");

/** Text that `pattern`, anchored at both ends, matches. */
export function writeLike(pattern: string, random: SeededRandom): string {
  const reader = new PatternReader(pattern);
  return reader.read().write(random);
}

class PatternReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  read(): Part {
    const part = this.#alternatives();
    if (this.#at < this.#pattern.length) throw this.#unknown();
    return part;
  }

  #alternatives(): Part {
    const choices = [this.#sequence()];
    while (this.#takes("|")) choices.push(this.#sequence());
    return { write: (random) => random.pick(choices).write(random) };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#pattern.length && !"|)".includes(this.#next)) {
      if (this.#takes("^") || this.#takes("$")) continue;
      parts.push(this.#repeated(this.#one()));
    }
    return { write: (random) => parts.map((part) => part.write(random)).join("") };
  }

  #one(): Part {
    if (this.#takes("(")) {
      if (this.#takes("?") && !this.#takes(":")) throw this.#unknown();
      const group = this.#alternatives();
      if (!this.#takes(")")) throw this.#unknown();
      return group;
    }
    const characters = this.#takes("[") ? this.#class() : this.#character();
    return { write: (random) => random.pick(characters) };
  }

  #class(): string[] {
    const characters: string[] = [];
    if (this.#next === "^") throw this.#unknown();
    while (!this.#takes("]")) {
      const from = this.#character();
      const [first] = from;
      const isRange = from.length === 1 && this.#next === "-" && this.#pattern[this.#at + 1] !== "]";
      if (!isRange || first === undefined) characters.push(...from);
      else {
        this.#at += 1;
        const [last] = this.#character();
        for (let code = first.charCodeAt(0); code <= (last ?? first).charCodeAt(0); code++)
          characters.push(String.fromCharCode(code));
      }
    }
    return characters;
  }

  #character(): string[] {
    const character = this.#next;
    this.#at += 1;
    if (character === "") throw this.#unknown();
    if (character !== "\\") return [character];
    const escaped = this.#next;
    this.#at += 1;
    if (escaped === "w") return WORD;
    if (escaped === "d") return DIGITS;
    if (/^[a-zA-Z0-9]?$/.test(escaped)) throw this.#unknown();
    return [escaped];
  }

  #repeated(part: Part): Part {
    const [min, max] = this.#counts();
    return {
      write: (random) => Array.from({ length: random.between(min, max) }, () => part.write(random)).join(""),
    };
  }

  #counts(): [number, number] {
    if (this.#takes("?")) return [0, 1];
    if (this.#takes("*")) return [0, OPEN_END];
    if (this.#takes("+")) return [1, OPEN_END];
    const [counts, min, , max] = /^\{(\d+)(,(\d+))?\}/.exec(this.#pattern.slice(this.#at)) ?? [];
    if (counts === undefined) return [1, 1];
    this.#at += counts.length;
    return [Number(min), Number(max ?? min)];
  }

  get #next(): string {
    return this.#pattern[this.#at] ?? "";
  }

  #takes(character: string): boolean {
    if (this.#next !== character) return false;
    this.#at += 1;
    return true;
  }

  #unknown(): Error {
    return new Error(`cannot read ${this.#pattern} at ${this.#at}`);
  }
}
