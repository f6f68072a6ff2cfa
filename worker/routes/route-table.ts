// The table of all routes: what is not in it is not there, and openapi.json says exactly what is.

import { z } from "zod";
import { makeDevSignInRoute } from "../auth/dev-sign-in.ts";
import { adminRoutes } from "./admin-routes.ts";
import { challengeRoutes } from "./challenge-routes.ts";
import { historyRoutes } from "./history-routes.ts";
import { metricsRoute } from "./metrics-route.ts";
import { buildOpenApi } from "./openapi.ts";
import { defineRoute, type Route } from "./route.ts";
import { runnerRoutes } from "./runner-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";

const healthRoute = defineRoute({
  method: "GET",
  path: "/healthz",
  operation: "readHealth",
  summary: "Whether the edge answers and its settings can be read",
  access: "anyone",
  answers: { 200: { description: "It does", schema: z.strictObject({ status: z.literal("ok") }) } },
  answer: async () => ({ status: 200, body: { status: "ok" } }),
});

const openApiRoute = defineRoute({
  method: "GET",
  path: "/api/openapi.json",
  operation: "readOpenApi",
  summary: "This description",
  access: "anyone",
  answers: { 200: { description: "OpenAPI 3.1", schema: z.record(z.string(), z.unknown()) } },
  answer: async () => ({ status: 200, body: openApi() }),
});

/** `__DEV_SIGN_IN__` is replaced at build time, so that a deployed bundle does not contain that route. */
export const routeTable: readonly Route[] = [
  healthRoute,
  metricsRoute,
  openApiRoute,
  ...(__DEV_SIGN_IN__ ? [makeDevSignInRoute()] : []),
  ...signInRoutes,
  ...challengeRoutes,
  ...sessionRoutes,
  ...historyRoutes,
  ...adminRoutes,
  ...runnerRoutes,
];

let openApiDocument: Record<string, unknown> | undefined;

function openApi(): Record<string, unknown> {
  openApiDocument ??= buildOpenApi(routeTable);
  return openApiDocument;
}
