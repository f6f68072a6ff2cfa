// Reads what a wire schema lets in, as the few shapes that Berth's messages are made of; a keyword that is not known here is refused, so that none is left out in silence.

import { z } from "zod";

export type Shape =
  | { kind: "object"; members: ReadonlyMap<string, Shape>; required: ReadonlySet<string> }
  | { kind: "array"; of: Shape; maxItems: number | null }
  | { kind: "string"; minLength: number; maxLength: number | null; pattern: string | null }
  | { kind: "integer"; minimum: number; maximum: number }
  | { kind: "boolean" }
  | { kind: "null" }
  | { kind: "choice"; values: readonly (string | number)[] }
  | { kind: "union"; of: readonly Shape[] };

const alternatives = { oneOf: z.array(z.unknown()).optional(), anyOf: z.array(z.unknown()).optional() };
const ignored = {
  $schema: z.string().optional(),
  format: z.string().optional(),
  contentEncoding: z.string().optional(),
};

const keywordsSchema = z.strictObject({
  ...ignored,
  ...alternatives,
  type: z.enum(["object", "array", "string", "integer", "number", "boolean", "null"]).optional(),
  const: z.union([z.string(), z.number()]).optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.literal(false).optional(),
  items: z.unknown().optional(),
  maxItems: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

export function readShape(schema: z.ZodType): Shape {
  return shapeOf(z.toJSONSchema(schema, { io: "input" }));
}

/** The members of a union of messages, or the one message that it is, each by its `type`. */
export function messageShapes(shape: Shape): Map<string, Shape> {
  const members = shape.kind === "union" ? shape.of : [shape];
  return new Map(members.map((member) => [typeOf(member), member]));
}

function typeOf(member: Shape): string {
  const type = member.kind === "object" ? member.members.get("type") : undefined;
  const [name] = type?.kind === "choice" ? type.values : [];
  if (typeof name !== "string") throw new Error("a message has no type");
  return name;
}

function shapeOf(node: unknown): Shape {
  const keywords = keywordsSchema.parse(node);
  const choices = keywords.const === undefined ? keywords.enum : [keywords.const];
  if (choices !== undefined) return { kind: "choice", values: choices };
  const of = keywords.oneOf ?? keywords.anyOf;
  if (of !== undefined) return { kind: "union", of: of.map(shapeOf) };
  switch (keywords.type) {
    case "object":
      if (keywords.additionalProperties !== false) throw new Error("an object lets in members that it does not name");
      return {
        kind: "object",
        members: new Map(Object.entries(keywords.properties ?? {}).map(([name, member]) => [name, shapeOf(member)])),
        required: new Set(keywords.required),
      };
    case "array":
      return { kind: "array", of: shapeOf(keywords.items), maxItems: keywords.maxItems ?? null };
    case "string":
      return {
        kind: "string",
        minLength: keywords.minLength ?? 0,
        maxLength: keywords.maxLength ?? null,
        pattern: keywords.pattern ?? null,
      };
    case "integer":
      return {
        kind: "integer",
        minimum: keywords.minimum ?? Number.MIN_SAFE_INTEGER,
        maximum: keywords.maximum ?? Number.MAX_SAFE_INTEGER,
      };
    case "boolean":
    case "null":
      return { kind: keywords.type };
    default:
      throw new Error(`no shape is known for ${JSON.stringify(node)}`);
  }
}
