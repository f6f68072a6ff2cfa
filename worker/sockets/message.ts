// Reads a text message of a socket by its schema.

import type { z } from "zod";

/** The message, or null when it is not JSON, not of this schema, or longer than `maxBytes`. */
export function parseMessage<T>(schema: z.ZodType<T>, text: string, maxBytes: number): T | null {
  // A string is never longer than its bytes, so this refuses the large ones before they are parsed.
  if (text.length > maxBytes) return null;
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
