// The edge's metrics, for who holds the token that the operator chose.

import { edgeCounts } from "../metrics/edge-counts.ts";
import { METRICS_TYPE, renderMetrics } from "../metrics/render-metrics.ts";
import { defineRoute } from "./route.ts";

export const metricsRoute = defineRoute({
  method: "GET",
  path: "/metrics",
  operation: "readMetrics",
  summary: "What the isolate that answers has counted since it started; 404 where no token is configured",
  access: "metrics_reader",
  answers: { 200: { description: "Prometheus text", contentType: METRICS_TYPE } },
  answer: async () => ({ status: 200, text: renderMetrics(edgeCounts), headers: { "Content-Type": METRICS_TYPE } }),
});
