// A libSQL server on a fresh file for one test, and the two ways to speak to it: raw pipelines and the real client.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { LibsqlLimits } from "../../../local/libsql-server/limits.ts";
import { startLibsqlServer } from "../../../local/libsql-server/server.ts";

export const TOKEN = "a-token-of-this-test";

/** A directory that is gone after the test. */
export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "berth-libsql-"));
  onTestFinished(async () => await rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function startServer(
  limits: Partial<LibsqlLimits> = {},
): Promise<{ url: string; authToken: string; file: string }> {
  const file = join(await makeDirectory(), "berth.db");
  const server = await startLibsqlServer({ file, port: 0, host: "127.0.0.1", authToken: TOKEN, limits });
  onTestFinished(async () => await server.close());
  return { url: server.url, authToken: TOKEN, file };
}

const errorSchema = z.object({ code: z.string(), message: z.string() });

const answerSchema = z.object({
  baton: z.string().nullable(),
  base_url: z.null(),
  results: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("ok"), response: z.record(z.string(), z.unknown()) }),
      z.object({ type: z.literal("error"), error: errorSchema }),
    ]),
  ),
});
export type PipelineAnswer = z.infer<typeof answerSchema>;

export async function post(url: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return await fetch(`${url}/v2/pipeline`, { method: "POST", body, headers: { authorization: `Bearer ${TOKEN}` } });
}

/** Sends requests that must be answered with 200. */
export async function pipeline(
  url: string,
  requests: readonly unknown[],
  baton: string | null = null,
): Promise<PipelineAnswer> {
  const response = await post(url, JSON.stringify({ baton, requests }));
  if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return answerSchema.parse(await response.json());
}

/** The refusal of a whole pipeline. */
export async function refusal(response: Response): Promise<{ status: number; code: string; message: string }> {
  return { status: response.status, ...errorSchema.parse(await response.json()) };
}

export const execute = (sql: string, args: readonly unknown[] = []) => ({ type: "execute", stmt: { sql, args } });

/** The error codes of a pipeline's results; null where a request went well. */
export function codes(answer: PipelineAnswer): (string | null)[] {
  return answer.results.map((result) => (result.type === "error" ? result.error.code : null));
}

const rowsSchema = z.object({ result: z.object({ rows: z.array(z.array(z.unknown())) }) });

/** The rows of the result at `index`, in Hrana's values. */
export function rows(answer: PipelineAnswer, index = 0): unknown[][] {
  const result = answer.results[index];
  if (result?.type !== "ok") throw new Error(`Result ${index} is ${JSON.stringify(result)}`);
  return rowsSchema.parse(result.response).result.rows;
}
