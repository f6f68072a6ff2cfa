// Reads a JSON body: bounded while it arrives, then parsed by the route's schema.

import { z } from "zod";
import { AppError } from "#wire/errors.ts";
import { limits } from "#wire/limits.ts";
import { isJson } from "../origin.ts";

/** Answers undefined for a route without a body. */
export async function readBody<B>(request: Request, schema: z.ZodType<B> | undefined): Promise<B>;
export async function readBody(request: Request, schema: z.ZodType | undefined): Promise<unknown> {
  if (schema === undefined) return undefined;
  if (!isJson(request)) throw new AppError("bad_request", "Send JSON, with the header Content-Type: application/json.");
  const parsed = schema.safeParse(parseJson(await readText(request)));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ path: z.core.toDotPath(issue.path), message: issue.message }));
  throw new AppError(
    "bad_request",
    errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "),
    { errors },
  );
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limits.requestBodyBytes)
      throw new AppError("body_too_large", `A body may have ${limits.requestBodyBytes} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("bad_json", error instanceof SyntaxError ? error.message : "The body could not be read.");
  }
}
