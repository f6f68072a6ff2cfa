// Writes openapi.json from the route table and its schemas.

import { z } from "zod";
import { type ErrorCode, errorCodes } from "#wire/errors.ts";
import type { Access, Route } from "./route.ts";

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(errorCodes)),
});

const security: Readonly<Record<Access, Record<string, string[]>[]>> = {
  anyone: [],
  learner: [{ signIn: [] }, { signInOnLoopback: [] }],
  runner_host: [{ hostCredential: [] }],
};

const accessErrors: Readonly<Record<Access, ErrorCode[]>> = {
  anyone: [],
  learner: ["sign_in_required"],
  runner_host: ["credential_refused"],
};

export function buildOpenApi(routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Berth", version: "1", description: "One persistent lab container for every learner." },
    paths,
    components: {
      securitySchemes: {
        signIn: { type: "apiKey", in: "cookie", name: "__Host-berth" },
        signInOnLoopback: { type: "apiKey", in: "cookie", name: "berth" },
        hostCredential: { type: "http", scheme: "bearer" },
      },
      schemas: { Problem: jsonSchema(problemSchema, "output") },
    },
  };
}

function describeRoute(route: Route): Record<string, unknown> {
  const pathParameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => parameter("path", name ?? "", true));
  const headerParameters = Object.entries(route.headers ?? {}).map(([name, text]) =>
    parameter("header", name, false, text),
  );
  return {
    operationId: route.operation,
    summary: route.summary,
    security: security[route.access],
    parameters: [...pathParameters, ...headerParameters],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(jsonSchema(route.body, "input")) } }),
    responses: { ...describeAnswers(route), ...describeErrors(route) },
  };
}

function describeAnswers(route: Route): Record<string, unknown> {
  const answers = Object.entries(route.answers).map(([status, { description, schema }]) => [
    status,
    schema === undefined ? { description } : { description, content: json(jsonSchema(schema, "output")) },
  ]);
  return Object.fromEntries(answers);
}

function describeErrors(route: Route): Record<string, unknown> {
  const body: ErrorCode[] =
    route.body === undefined ? [] : ["bad_request", "bad_json", "json_expected", "body_too_large"];
  const origin: ErrorCode[] = route.method === "GET" ? [] : ["origin_refused", "json_expected"];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([
    ...accessErrors[route.access],
    ...origin,
    ...body,
    ...(route.errors ?? []),
    "internal" as const,
  ])) {
    const { status } = errorCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.join(", "), content }]),
  );
}

function parameter(
  place: "path" | "header",
  name: string,
  required: boolean,
  description?: string,
): Record<string, unknown> {
  return {
    name,
    in: place,
    required,
    schema: { type: "string" },
    ...(description === undefined ? {} : { description }),
  };
}

function json(schema: Record<string, unknown>): Record<string, unknown> {
  return { "application/json": { schema } };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
