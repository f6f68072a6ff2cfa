// Makes mutants of a valid message: each kind breaks one rule of its schema, or of JSON, or bends it to where it just still holds.

import type { Shape } from "./schema-fuzz-shape.ts";
import { textOf, type Tree, write } from "./schema-fuzz-tree.ts";
import type { SeededRandom } from "./seeded-random.ts";

type Members = Extract<Tree, { kind: "members" }>;
/** Somewhere in a tree, and how to put something else there. */
type Spot = { tree: Tree; put: (tree: Tree) => void };
/** What a mutation finds nothing to break in, it answers with null. */
type Mutate = (root: Members, random: SeededRandom) => string | null;

const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "toJSON"];
const STRANGERS = [
  "null",
  "true",
  '"1"',
  "1",
  "[]",
  "{}",
  '""',
  '{"type":"open"}',
  "[[1]]",
  '{"__proto__":{"terminal":0}}',
];
const NO_JSON = [
  "NaN",
  "Infinity",
  "-Infinity",
  "undefined",
  "0x10",
  "01",
  "1_0",
  "'a'",
  "+1",
  ".5",
  "1.",
  "/**/1",
  "nan",
];
const ODD_NUMBERS = [
  "-0",
  "1.0",
  "1e2",
  "1e999",
  "-1e999",
  "1e-400",
  "0.5",
  "-1",
  "9007199254740993",
  "281474976710656",
  "1E400",
];
const DEEP = 5_000;

export const mutations = {
  missing_member: (root, random) =>
    edit(
      root,
      members(root),
      random,
      ({ members: list }) => list.length > 0 && list.splice(random.between(0, list.length - 1), 1),
    ),
  unknown_member: (root, random) =>
    edit(root, members(root), random, ({ members: list }) =>
      list.splice(random.between(0, list.length), 0, {
        name: random.pick(["extra", "", "Type", "type "]),
        tree: leaf(random.pick(STRANGERS)),
      }),
    ),
  prototype_member: (root, random) =>
    edit(root, members(root), random, ({ members: list }) =>
      list.push({ name: random.pick(PROTOTYPE_NAMES), tree: leaf(random.pick(STRANGERS)) }),
    ),
  duplicate_member: (root, random) =>
    edit(root, members(root), random, ({ members: list }) => {
      const { name, tree } = random.pick(list);
      return list.push({ name, tree: random.chance(0.5) ? tree : leaf(random.pick(STRANGERS)) });
    }),
  wrong_type: (root, random) => replace(root, spots(root), random, () => random.pick(STRANGERS)),
  wrong_discriminator: (root, random) => {
    const type = root.members.find(({ name }) => name === "type");
    if (type === undefined) return null;
    const names = [...PROTOTYPE_NAMES, "OPEN", "", " open", "open\0", "nothing"].map((name) => JSON.stringify(name));
    type.tree = leaf(random.pick([...names, ...STRANGERS]));
    return write(root);
  },
  beyond_limit: (root, random) =>
    replace(
      root,
      spots(root).filter(({ tree }) => beyond(tree.shape, random) !== null),
      random,
      ({ shape }) => beyond(shape, random) ?? "0",
    ),
  odd_number: (root, random) => replace(root, leaves(root, "integer"), random, () => random.pick(ODD_NUMBERS)),
  no_json_value: (root, random) => replace(root, spots(root), random, () => random.pick(NO_JSON)),
  broken_pattern: (root, random) =>
    replace(root, leaves(root, "string"), random, ({ text }) => {
      const value = String(JSON.parse(text));
      const at = random.between(0, value.length);
      return JSON.stringify(
        random.pick([
          value.slice(0, at) + textOf(1, random) + value.slice(at + 1),
          `${value}\n`,
          value.toUpperCase(),
          `${value}\ud800`,
          `../${value}`,
          value.slice(0, -1),
        ]),
      );
    }),
  raw_control_character: (root, random) =>
    replace(
      root,
      leaves(root, "string"),
      random,
      ({ text }) => `${text.slice(0, -1)}${random.pick(["\n", "\0", "\x1b"])}"`,
    ),
  long_text: (root, random) =>
    replace(root, leaves(root, "string"), random, () => `"${"x".repeat(random.pick([501, 2_049, 10_000]))}"`),
  huge_list: (root, random) => replace(root, spots(root), random, () => `[${"0,".repeat(random.pick([101, 5_000]))}0]`),
  deep_nesting: (root, random) =>
    replace(root, spots(root), random, () => {
      const [open, close] = random.pick([
        ["[", "]"],
        ['{"a":', "}"],
      ] as const);
      return `${open.repeat(DEEP)}1${random.chance(0.5) ? close.repeat(DEEP) : ""}`;
    }),
  wrapped: (root, random) => {
    const text = write(root);
    return random.pick([`[${text}]`, JSON.stringify(text), `{"type":${text}}`, `[${text},${text}]`]);
  },
  truncated: (root, random) => {
    const text = write(root);
    return text.slice(0, random.between(1, text.length - 1));
  },
  trailing: (root, random) => write(root) + random.pick(["}", ",", "{}", "x", "\0", "//", "\ufeff", "\n{}"]),
  white_space: (root, random) => {
    const space = random.pick([" ", "\n", "\t", "\r\n", "\u00a0", "\ufeff", "\v"]);
    return `${space}${write(root)}${space}`;
  },
  no_message: (_, random) =>
    random.pick([
      "",
      " ",
      "\n\n",
      "null",
      "true",
      "0",
      '""',
      "[]",
      "{}",
      "ping ",
      "PING",
      "pong",
      "\ufeff",
      "undefined",
      "\0",
      "\ud800",
    ]),
} as const satisfies Record<string, Mutate>;

export type MutationKind = keyof typeof mutations;

function leaf(text: string): Tree {
  return { kind: "leaf", shape: { kind: "null" }, text };
}

function* walk(tree: Tree, put: (tree: Tree) => void): Generator<Spot> {
  yield { tree, put };
  if (tree.kind === "members")
    for (const member of tree.members) yield* walk(member.tree, (value) => (member.tree = value));
  else if (tree.kind === "items")
    for (const [index, item] of tree.items.entries()) yield* walk(item, (value) => (tree.items[index] = value));
}

/** Every place below the root. */
function spots(root: Tree): Spot[] {
  return [...walk(root, () => undefined)].slice(1);
}

function leaves(root: Tree, kind: Shape["kind"]): (Spot & { tree: Extract<Tree, { kind: "leaf" }> })[] {
  return spots(root).flatMap(({ tree, put }) =>
    tree.kind === "leaf" && tree.shape.kind === kind ? [{ tree, put }] : [],
  );
}

function members(root: Members): Members[] {
  return [root, ...spots(root).flatMap(({ tree }) => (tree.kind === "members" ? [tree] : []))];
}

function edit(root: Members, found: Members[], random: SeededRandom, change: (at: Members) => unknown): string {
  change(random.pick(found));
  return write(root);
}

function replace<S extends Spot>(
  root: Members,
  found: S[],
  random: SeededRandom,
  make: (tree: S["tree"]) => string,
): string | null {
  if (found.length === 0) return null;
  const { tree, put } = random.pick(found);
  put(leaf(make(tree)));
  return write(root);
}

/** A value just outside of a shape's limits, as JSON text, or null for a shape without any. */
function beyond(shape: Shape, random: SeededRandom): string | null {
  switch (shape.kind) {
    case "integer":
      return random.pick([`${shape.minimum - 1}`, `${shape.maximum + 1}`, `${shape.minimum}.5`, "-1e21"]);
    case "string":
      if (shape.maxLength !== null && random.chance(0.7)) return `"${"a".repeat(shape.maxLength + 1)}"`;
      return shape.minLength > 0 ? '""' : null;
    case "array":
      return shape.maxItems === null ? null : `[${"0,".repeat(shape.maxItems)}0]`;
    case "choice":
      return random.pick(['""', '"constructor"', "-1", `"${String(shape.values[0])} "`]);
    default:
      return null;
  }
}
