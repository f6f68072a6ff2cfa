// Values of Hrana 2 in JSON: 64-bit integers as decimal strings, blobs as base64, and the engine's values on the other side.

import { z } from "zod";
import { HranaError } from "./hrana-error.ts";

/** What the engine takes and gives; integers are bigint, so that a number is always a float. */
export type EngineValue = null | bigint | number | string | Uint8Array;

const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;

const integerText = z
  .string()
  .regex(/^-?\d{1,19}$/, "must be a decimal integer")
  .transform((text) => BigInt(text))
  .refine((integer) => integer >= INTEGER_MIN && integer <= INTEGER_MAX, "must fit in 64 bits");

/** The engine keeps a text with U+0000 but gives it back cut there; refusing it loses nothing silently. */
const textWithoutNul = z.string().refine((text) => !text.includes("\0"), "text must not hold U+0000; bind a blob");

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64")
  .refine((text) => text.replace(/=+$/, "").length % 4 !== 1, "must be base64");

export const hranaValueSchema = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("null") }),
    z.object({ type: z.literal("integer"), value: integerText }),
    z.object({ type: z.literal("float"), value: z.number() }),
    z.object({ type: z.literal("text"), value: textWithoutNul }),
    z.object({ type: z.literal("blob"), base64 }),
  ])
  .transform((value): EngineValue => {
    if (value.type === "null") return null;
    return value.type === "blob" ? Buffer.from(value.base64, "base64") : value.value;
  });

export type HranaValue =
  | { type: "null" }
  | { type: "integer"; value: string }
  | { type: "float"; value: number }
  | { type: "text"; value: string }
  | { type: "blob"; base64: string };

/** Encodes one cell of a row. Throws VALUE_NOT_REPRESENTABLE for an infinite float, which JSON cannot carry. */
export function encodeValue(value: unknown): HranaValue {
  if (value === null) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: value.toString() };
  if (typeof value === "string") return { type: "text", value };
  if (value instanceof Uint8Array) return { type: "blob", base64: Buffer.from(value).toString("base64") };
  if (typeof value === "number" && Number.isFinite(value)) return { type: "float", value };
  throw new HranaError("VALUE_NOT_REPRESENTABLE", `A result holds ${String(value)}, which JSON cannot carry`);
}

/** About how many bytes a value takes in the answer. */
export function encodedBytes(value: HranaValue): number {
  const frame = 32;
  if (value.type === "text") return frame + Buffer.byteLength(value.value);
  return value.type === "blob" ? frame + value.base64.length : frame;
}
