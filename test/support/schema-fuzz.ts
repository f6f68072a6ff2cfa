// Makes the messages that a hostile peer may send for a wire schema: valid ones of every kind, and mutants of them.

import type { z } from "zod";
import { type MutationKind, mutations } from "./schema-fuzz-mutants.ts";
import { messageShapes, readShape, type Shape } from "./schema-fuzz-shape.ts";
import { Grower, type Tree, type Vocabulary, write } from "./schema-fuzz-tree.ts";
import type { SeededRandom } from "./seeded-random.ts";

const TRIES = 100;

export const mutationKinds = Object.keys(mutations).filter((kind): kind is MutationKind => kind in mutations);

export class MessageFuzz<M> {
  readonly types: readonly string[];
  readonly #schema: z.ZodType<M>;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #random: SeededRandom;

  constructor(schema: z.ZodType<M>, random: SeededRandom) {
    this.#schema = schema;
    this.#random = random;
    this.#shapes = messageShapes(readShape(schema));
    this.types = [...this.#shapes.keys()];
  }

  /** A valid message as text; `type` picks the member of the union, `known` what its members hold more often than not. */
  text(type = this.#random.pick(this.types), known: Vocabulary = {}): string {
    // A refinement that no shape shows may refuse what was grown.
    for (let tried = 0; tried < TRIES; tried++) {
      const text = write(this.#grow(type, known));
      if (this.parse(text) !== null) return text;
    }
    throw new Error(`no valid ${type} was found`);
  }

  message(type?: string, known?: Vocabulary): M {
    const message = this.parse(this.text(type, known));
    if (message === null) throw new Error("cannot happen");
    return message;
  }

  mutant(
    kind: MutationKind = this.#random.pick(mutationKinds),
    type = this.#random.pick(this.types),
    known: Vocabulary = {},
  ): string | null {
    const tree = this.#grow(type, known);
    return tree.kind === "members" ? mutations[kind](tree, this.#random) : null;
  }

  /** What the schema makes of a text, or null where it refuses it. */
  parse(text: string): M | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
    const parsed = this.#schema.safeParse(value);
    return parsed.success ? parsed.data : null;
  }

  #grow(type: string, known: Vocabulary): Tree {
    const shape = this.#shapes.get(type);
    if (shape === undefined) throw new Error(`there is no ${type}`);
    return new Grower(this.#random, known).grow(shape);
  }
}

/** A valid text filled up with white space to exactly so many bytes. */
export function padTo(text: string, bytes: number): string {
  const room = bytes - new TextEncoder().encode(text).length;
  if (room < 0) throw new Error(`the text is longer than ${bytes} bytes`);
  return text + " ".repeat(room);
}
