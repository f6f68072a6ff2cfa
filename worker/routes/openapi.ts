// Writes openapi.json from the route table and its schemas.

import { z } from "zod";
import { closeCodes } from "#wire/close-codes.ts";
import { type ErrorCode, errorCodes } from "#wire/errors.ts";
import type { Access, Route } from "./route.ts";
import { type SocketPath, socketTable } from "./socket-table.ts";

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
  operator: [{ signIn: [] }, { signInOnLoopback: [] }],
  runner_host: [{ hostCredential: [] }],
  metrics_reader: [{ metricsToken: [] }],
};

const problemContent = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };

const accessErrors: Readonly<Record<Access, ErrorCode[]>> = {
  anyone: [],
  learner: ["sign_in_required"],
  operator: ["sign_in_required", "role_required"],
  runner_host: ["credential_refused"],
  metrics_reader: ["not_found", "credential_refused"],
};

export function buildOpenApi(routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  for (const [path, socket] of Object.entries(socketTable)) {
    paths[openApiPath(path)] = { get: describeSocket(path, socket) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Berth",
      version: "1",
      description:
        "One persistent lab container for every learner. Every path but the sockets' answers OPTIONS with the header Allow, HEAD as it answers GET, and any other method that is not listed with 405, method_not_allowed and Allow.",
    },
    paths,
    components: {
      securitySchemes: {
        signIn: { type: "apiKey", in: "cookie", name: "__Host-berth", description: "Set by signing in, on https" },
        signInOnLoopback: {
          type: "apiKey",
          in: "cookie",
          name: "berth",
          description: "The same on this machine's own address without https",
        },
        hostCredential: { type: "http", scheme: "bearer", description: "What registerHost answered, once" },
        metricsToken: { type: "http", scheme: "bearer", description: "The binding BERTH_METRICS_TOKEN" },
      },
      schemas: { Problem: jsonSchema(problemSchema, "output") },
    },
  };
}

function describeRoute(route: Route): Record<string, unknown> {
  return {
    operationId: route.operation,
    summary: route.summary,
    security: security[route.access],
    parameters: [
      ...pathParameters(route.path),
      ...Object.entries(route.queries ?? {}).map(([name, text]) => parameter("query", name, false, text)),
      ...headerParameters(route.headers ?? {}, false),
    ],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(jsonSchema(route.body, "input")) } }),
    responses: { ...describeAnswers(route), ...describeErrors(route) },
  };
}

/** A socket that is refused is accepted and closed by a code, which a browser can read. */
function describeSocket(path: string, socket: (typeof socketTable)[SocketPath]): Record<string, unknown> {
  const refusals = Object.values(closeCodes).map(({ code, reason }) => `${code}: ${reason}`);
  return {
    operationId: socket.operation,
    summary: socket.summary,
    security: security[socket.access],
    parameters: [...pathParameters(path), ...headerParameters(socket.headers, true)],
    responses: {
      101: { description: `A WebSocket. Its close codes are ${refusals.join("; ")}.` },
      426: { description: "upgrade_expected", content: problemContent },
    },
  };
}

function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function pathParameters(path: string): Record<string, unknown>[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => parameter("path", name ?? "", true));
}

function headerParameters(headers: Readonly<Record<string, string>>, required: boolean): Record<string, unknown>[] {
  return Object.entries(headers).map(([name, text]) => parameter("header", name, required, text));
}

function describeAnswers(route: Route): Record<string, unknown> {
  const answers = Object.entries(route.answers).map(([status, { description, schema, contentType }]) => {
    if (contentType !== undefined)
      return [status, { description, content: { [contentType]: { schema: { type: "string" } } } }];
    return [
      status,
      schema === undefined ? { description } : { description, content: json(jsonSchema(schema, "output")) },
    ];
  });
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
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.join(", "), content: problemContent }]),
  );
}

function parameter(
  place: "path" | "query" | "header",
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
