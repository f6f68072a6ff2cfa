// The daemon's own HTTP routes, for the machine it runs on: whether it is well, and its figures.

import fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

export interface HealthReport {
  /** Whether the edge has welcomed this host and has not been lost since. */
  isConnected: boolean;
  sessions: number;
}

export function createApp(options: { registry: Registry; describeHealth: () => HealthReport }): FastifyInstance {
  const app = fastify({ logger: false });
  app.get("/healthz", async (_request, reply) => {
    const { isConnected, sessions } = options.describeHealth();
    return reply.code(isConnected ? 200 : 503).send({ status: isConnected ? "ok" : "edge_unreachable", sessions });
  });
  app.get("/metrics", async (_request, reply) => {
    return reply.type(options.registry.contentType).send(await options.registry.metrics());
  });
  return app;
}
