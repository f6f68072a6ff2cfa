// Sends one request to the edge and parses its answer; every refusal becomes a Problem.

import type { z } from "zod";
import { offlineProblem, Problem, readProblem } from "./problem.ts";

export type RequestOptions = {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

async function send(path: string, { method = "GET", body, headers = {}, signal }: RequestOptions): Promise<Response> {
  const withBody = body === undefined ? {} : { body: JSON.stringify(body) };
  const contentType = body === undefined ? {} : { "content-type": "application/json" };
  try {
    return await fetch(path, {
      method,
      headers: { accept: "application/json", ...contentType, ...headers },
      ...withBody,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw offlineProblem();
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw readProblem(response.status, null);
  }
}

/** The parsed answer; throws a Problem when the edge refuses, cannot be reached or answers something else. */
export async function request<S extends z.ZodType>(
  path: string,
  schema: S,
  options: RequestOptions = {},
): Promise<z.infer<S>> {
  const response = await send(path, options);
  const body = await readBody(response);
  if (!response.ok) throw readProblem(response.status, body);
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Problem("unreadable", "This page is older than the server", "Reload the page.");
  return parsed.data;
}
