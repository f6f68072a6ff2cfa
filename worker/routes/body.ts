// Reads a JSON body: bounded while it arrives, then parsed by the route's schema.

import type { z } from "zod";
import { AppError } from "#wire/errors.ts";
import { limits } from "#wire/limits.ts";
import { requireJson } from "../origin.ts";
import { describeIssues, joinProblems } from "./body-problems.ts";

/** Answers undefined for a route without a body. */
export async function readBody<B>(request: Request, schema: z.ZodType<B> | undefined): Promise<B>;
export async function readBody(request: Request, schema: z.ZodType | undefined): Promise<unknown> {
  if (schema === undefined) return undefined;
  requireJson(request);
  const body = parseJson(await readText(request));
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = describeIssues(parsed.error.issues, body);
  throw new AppError("bad_request", joinProblems(errors), { errors });
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
    throw new AppError(
      "bad_json",
      error instanceof SyntaxError ? `It does not parse: ${error.message}.` : "It could not be read.",
    );
  }
}
