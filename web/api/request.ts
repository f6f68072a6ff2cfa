// Sends one request to the edge and parses its answer; every refusal becomes a Problem.

import type { z } from "zod";
import { noteEdgeDate } from "./edge-clock.ts";
import { offlineProblem, Problem, readProblem } from "./problem.ts";

export type RequestOptions = {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

type Received = { status: number; isOk: boolean; text: string };

async function send(path: string, { method = "GET", body, headers = {}, signal }: RequestOptions): Promise<Received> {
  const withBody = body === undefined ? {} : { body: JSON.stringify(body) };
  const contentType = body === undefined ? {} : { "content-type": "application/json" };
  try {
    const response = await fetch(path, {
      method,
      headers: { accept: "application/json", ...contentType, ...headers },
      ...withBody,
      ...(signal === undefined ? {} : { signal }),
    });
    noteEdgeDate(response.headers.get("date"), Date.now());
    return { status: response.status, isOk: response.ok, text: await response.text() };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw offlineProblem();
  }
}

function parseBody(text: string, status: number): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw readProblem(status, null);
  }
}

/** The parsed answer; throws a Problem when the edge refuses, cannot be reached or answers something else. */
export async function request<S extends z.ZodType>(
  path: string,
  schema: S,
  options: RequestOptions = {},
): Promise<z.infer<S>> {
  const { status, isOk, text } = await send(path, options);
  const body = parseBody(text, status);
  if (!isOk) throw readProblem(status, body);
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Problem("unreadable", "This page is older than the server", "Reload the page.");
  return parsed.data;
}
