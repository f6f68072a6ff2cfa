// The Worker's routing: sockets before everything else, then the route table, then the page.

import { Hono } from "hono";
import { AppError } from "#wire/errors.ts";
import { serveAsset } from "./assets.ts";
import type { Bindings } from "./env.ts";
import { problemOf, translateError } from "./errors.ts";
import { logFault } from "./log.ts";
import { routeTable } from "./routes/route-table.ts";
import type { SocketPath } from "./routes/socket-table.ts";
import { securityHeaders } from "./security-headers.ts";
import { connectBrowser } from "./sockets/browser-socket.ts";
import { connectControl, connectData } from "./sockets/runner-sockets.ts";
import { isUpgrade, refuseUpgrade } from "./sockets/upgrade.ts";

/** Paths that are never a page: an unknown one below them is a problem document, not index.html. */
const PROGRAM_PATHS = ["/api", "/auth", "/ws", "/healthz", "/metrics"];

type Connect = (request: Request, bindings: Bindings, id: string) => Promise<Response>;

const connects: Readonly<Record<SocketPath, Connect>> = {
  "/ws/sessions/:id": connectBrowser,
  "/ws/runner/control": connectControl,
  "/ws/runner/data": connectData,
};

export function createApp(): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();

  for (const [path, connect] of Object.entries(connects)) mountSocket(app, path, connect);

  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders(new URL(context.req.url)))) context.header(name, value);
  });
  app.onError((error, context) => translateError(error, context.req.raw));

  for (const route of routeTable) {
    app.on(route.method, route.path, (context) => route.respond(context.req.raw, context.env, context.req.param()));
  }
  for (const path of Object.keys(connects)) {
    app.all(path, () => problemOf(new AppError("upgrade_expected", "Connect here with a WebSocket.")));
  }
  for (const [path, methods] of methodsByPath()) {
    // Browsers of other sites ask this first; without a word about origins the answer is no.
    app.options(path, () => new Response(null, { status: 204, headers: { Allow: methods.join(", ") } }));
    app.all(path, () =>
      problemOf(new AppError("method_not_allowed", `Use ${methods.join(" or ")}.`, { allow: methods })),
    );
  }
  for (const path of PROGRAM_PATHS) {
    app.all(path, () => problemOf(nothingHere()));
    app.all(`${path}/*`, () => problemOf(nothingHere()));
  }
  app.all("*", (context) => serveAsset(context.req.raw, context.env.ASSETS));
  return app;
}

/** The object's 101 goes back untouched; whatever fails on the way closes the socket by a name that says to come again. */
function mountSocket(app: Hono<{ Bindings: Bindings }>, path: string, connect: Connect): void {
  app.get(path, async (context, next) => {
    const request = context.req.raw;
    if (!isUpgrade(request)) {
      await next();
      return;
    }
    try {
      return await connect(request, context.env, context.req.param("id") ?? "");
    } catch (error) {
      logFault("upgrade", error, { path });
      return refuseUpgrade(request, "internal");
    }
  });
}

/** As `Allow` lists them: what can be read can be asked for its headers too. */
function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routeTable) {
    methods.set(path, [...(methods.get(path) ?? []), ...(method === "GET" ? ["GET", "HEAD"] : [method])]);
  }
  for (const known of methods.values()) known.push("OPTIONS");
  return methods;
}

function nothingHere(): AppError {
  return new AppError("not_found", "Routes and methods are listed at /api/openapi.json.");
}
