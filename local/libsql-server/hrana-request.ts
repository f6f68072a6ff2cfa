// The requests of Hrana 2 over HTTP as one schema: what POST /v2/pipeline may carry, and nothing else.

import { z } from "zod";
import { hranaValueSchema } from "./hrana-value.ts";
import type { LibsqlLimits } from "./limits.ts";

export type BatchCondition =
  | { type: "ok" | "error"; step: number }
  | { type: "not"; cond: BatchCondition }
  | { type: "and" | "or"; conds: BatchCondition[] }
  | { type: "is_autocommit" };

/** Builds the schema for conditions nested at most `depth` deep. */
function conditionSchema(limits: LibsqlLimits, depth: number): z.ZodType<BatchCondition> {
  const step = z.int().min(0).max(limits.stepsPerBatch);
  const leaf = z.discriminatedUnion("type", [
    z.object({ type: z.enum(["ok", "error"]), step }),
    z.object({ type: z.literal("is_autocommit") }),
  ]);
  if (depth <= 1) return leaf;
  const inner = conditionSchema(limits, depth - 1);
  return z.union([
    leaf,
    z.object({ type: z.literal("not"), cond: inner }),
    z.object({ type: z.enum(["and", "or"]), conds: z.array(inner).max(limits.conditionsPerGroup) }),
  ]);
}

/** Builds the schema of a pipeline body under `limits`; unknown request types are refused, unknown members are dropped. */
export function pipelineSchema(limits: LibsqlLimits) {
  /** The engine reads SQL up to U+0000 and would drop the rest without a word. */
  const sqlText = z
    .string()
    .refine((sql) => Buffer.byteLength(sql) <= limits.sqlBytes, `SQL must be at most ${limits.sqlBytes} bytes`)
    .refine((sql) => !sql.includes("\0"), "SQL must not hold U+0000");
  const sqlId = z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1);
  const sqlSource = { sql: sqlText.nullish(), sql_id: sqlId.nullish() };
  const statement = z.object({
    ...sqlSource,
    args: z.array(hranaValueSchema).max(limits.argumentsPerStatement).default([]),
    named_args: z
      .array(z.object({ name: z.string().min(1), value: hranaValueSchema }))
      .max(limits.argumentsPerStatement)
      .default([]),
    want_rows: z.boolean().default(true),
  });
  const condition = conditionSchema(limits, limits.conditionDepth).nullish();
  const steps = z.array(z.object({ condition, stmt: statement })).max(limits.stepsPerBatch);
  const request = z.discriminatedUnion("type", [
    z.object({ type: z.literal("execute"), stmt: statement }),
    z.object({ type: z.literal("batch"), batch: z.object({ steps }) }),
    z.object({ type: z.literal("sequence"), ...sqlSource }),
    z.object({ type: z.literal("describe"), ...sqlSource }),
    z.object({ type: z.literal("store_sql"), sql_id: sqlId, sql: sqlText }),
    z.object({ type: z.literal("close_sql"), sql_id: sqlId }),
    z.object({ type: z.literal("get_autocommit") }),
    z.object({ type: z.literal("close") }),
  ]);
  return z.object({
    baton: z.string().max(128).nullish(),
    requests: z.array(request).max(limits.requestsPerPipeline),
  });
}

export type Pipeline = z.output<ReturnType<typeof pipelineSchema>>;
export type StreamRequest = Pipeline["requests"][number];
export type HranaStatement = Extract<StreamRequest, { type: "execute" }>["stmt"];
export type BatchStep = Extract<StreamRequest, { type: "batch" }>["batch"]["steps"][number];
