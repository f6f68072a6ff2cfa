// POST /v2/pipeline without HTTP: takes a body as bytes and answers with what becomes of its stream and requests.

import { HttpRefusal } from "./hrana-error.ts";
import { pipelineSchema } from "./hrana-request.ts";
import type { LibsqlLimits } from "./limits.ts";
import type { StreamTable } from "./stream-table.ts";
import type { StreamResult } from "./stream.ts";

export interface PipelineAnswer {
  readonly baton: string | null;
  readonly base_url: null;
  readonly results: readonly StreamResult[];
}

/** Answers pipelines on the streams of `table`; throws HttpRefusal for a body that is not one. */
export function createPipeline(
  table: StreamTable,
  limits: LibsqlLimits,
): (body: Uint8Array) => Promise<PipelineAnswer> {
  const schema = pipelineSchema(limits);
  return async (body) => {
    const parsed = schema.safeParse(parseJson(body));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const place = issue && issue.path.length > 0 ? ` at ${issue.path.join(".")}` : "";
      throw new HttpRefusal(
        400,
        "PIPELINE_INVALID",
        `The pipeline is not valid${place}: ${issue?.message ?? "unknown"}`,
      );
    }
    const stream = table.take(parsed.data.baton ?? null);
    const room = { rowsPerResult: limits.rowsPerResult, bytes: limits.responseBytes };
    const results: StreamResult[] = [];
    try {
      for (const request of parsed.data.requests) results.push(await stream.answer(request, room));
    } catch (error) {
      table.end(stream);
      throw error;
    }
    return { baton: table.park(stream), base_url: null, results };
  };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new HttpRefusal(
      400,
      "PIPELINE_INVALID",
      `The body is not JSON: ${error instanceof Error ? error.message : "unknown"}`,
    );
  }
}
