// Grows valid messages from shapes, with values at and around their limits, as trees of JSON text that a mutation can reach into.

import { writeLike } from "./schema-fuzz-pattern.ts";
import type { Shape } from "./schema-fuzz-shape.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Members and items stand in a list, and a leaf is text, so that a tree can also say what no JSON value says: a member twice, NaN, 1e999. */
export type Tree = { shape: Shape } & (
  | { kind: "members"; members: { name: string; tree: Tree }[] }
  | { kind: "items"; items: Tree[] }
  | { kind: "leaf"; text: string }
);

/** What members of this name hold in a conversation that goes on: they are used more often than not. */
export type Vocabulary = Readonly<Record<string, readonly (string | number | boolean | null)[]>>;

/** Longer texts and lists are not grown: a limit beyond is met by a text frame of that size instead. */
const TEXT_CHARS_MAX = 2_000;
const ITEMS_MAX = 20;
const KNOWN = 0.8;
const OPTIONAL = 0.6;

const PIECES = [
  "a",
  "Z",
  "7",
  " ",
  "/",
  ".",
  "-",
  "é",
  "漢",
  "\u{1f980}",
  "\ud800",
  "\0",
  "\x1b[2J",
  "\u2028",
  '"',
  "\\",
  "__proto__",
];

export class Grower {
  readonly #random: SeededRandom;
  readonly #vocabulary: Vocabulary;

  constructor(random: SeededRandom, vocabulary: Vocabulary = {}) {
    this.#random = random;
    this.#vocabulary = vocabulary;
  }

  grow(shape: Shape): Tree {
    const random = this.#random;
    switch (shape.kind) {
      case "object":
        return {
          shape,
          kind: "members",
          members: [...shape.members]
            .filter(([name]) => shape.required.has(name) || random.chance(OPTIONAL))
            .map(([name, member]) => ({ name, tree: this.#growMember(name, member) })),
        };
      case "array": {
        const length = random.pick([0, 1, 2, Math.min(shape.maxItems ?? ITEMS_MAX, ITEMS_MAX)]);
        return { shape, kind: "items", items: Array.from({ length }, () => this.grow(shape.of)) };
      }
      case "union":
        return this.grow(random.pick(shape.of));
      default:
        return { shape, kind: "leaf", text: JSON.stringify(this.#growLeaf(shape)) };
    }
  }

  #growMember(name: string, shape: Shape): Tree {
    const known = Object.hasOwn(this.#vocabulary, name) ? (this.#vocabulary[name] ?? []) : [];
    const tree = this.grow(shape);
    if (known.length === 0 || tree.kind !== "leaf" || !this.#random.chance(KNOWN)) return tree;
    return { ...tree, text: JSON.stringify(this.#random.pick(known)) };
  }

  #growLeaf(shape: Exclude<Shape, { kind: "object" | "array" | "union" }>): string | number | boolean | null {
    const random = this.#random;
    switch (shape.kind) {
      case "string":
        return shape.pattern === null ? this.#growText(shape) : growLike(shape, shape.pattern, random);
      case "integer": {
        const { minimum, maximum } = shape;
        const near = Math.min(maximum, minimum + 20);
        return random.pick([minimum, minimum + 1, near, random.between(minimum, maximum), maximum - 1, maximum]);
      }
      case "boolean":
        return random.chance(0.5);
      case "null":
        return null;
      case "choice":
        return random.pick(shape.values);
    }
  }

  #growText({ minLength, maxLength }: Extract<Shape, { kind: "string" }>): string {
    const random = this.#random;
    const longest = Math.min(maxLength ?? TEXT_CHARS_MAX, TEXT_CHARS_MAX);
    return textOf(random.pick([minLength, Math.min(minLength + 9, longest), longest - 1, longest]), random);
  }
}

/** Text of so many UTF-16 units, as a schema counts them. */
export function textOf(length: number, random: SeededRandom): string {
  let text = "";
  while (text.length < length) text += random.pick(PIECES);
  return text.slice(0, length);
}

function growLike(shape: Extract<Shape, { kind: "string" }>, pattern: string, random: SeededRandom): string {
  for (;;) {
    const text = writeLike(pattern, random);
    if (text.length <= (shape.maxLength ?? Infinity) && text.length >= shape.minLength) return text;
  }
}

/** The tree as JSON text. */
export function write(tree: Tree): string {
  switch (tree.kind) {
    case "members":
      return `{${tree.members.map(({ name, tree: value }) => `${JSON.stringify(name)}:${write(value)}`).join(",")}}`;
    case "items":
      return `[${tree.items.map(write).join(",")}]`;
    case "leaf":
      return tree.text;
  }
}
