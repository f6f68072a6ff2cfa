// The local libSQL server: Hrana 2 over HTTP on loopback, for @libsql/client and drizzle-kit, on one database file.

import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname } from "node:path";
import { ConnectionPool } from "./connection-pool.ts";
import { createRequestListener } from "./http-listener.ts";
import { type LibsqlLimits, libsqlLimits } from "./limits.ts";
import { createPipeline } from "./pipeline.ts";
import { StreamTable } from "./stream-table.ts";
import { type SetTimer, WriteTurn } from "./write-turn.ts";

export interface LibsqlServerOptions {
  /** The database file; it and its directory are made when missing. */
  readonly file: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: "127.0.0.1";
  /** What every request but GET /health must carry as its bearer token. */
  readonly authToken: string;
  /** For tests that stand at a limit. */
  readonly limits?: Partial<LibsqlLimits>;
}

export interface LibsqlServer {
  readonly url: string;
  /** Lets running requests end, rolls open transactions back and folds the log into the file. */
  close(): Promise<void>;
}

/** Starts the server; rejects when the port is taken or the file is not a database. */
export async function startLibsqlServer(options: LibsqlServerOptions): Promise<LibsqlServer> {
  const { file, port, host, authToken } = options;
  if (authToken === "") throw new Error("The libSQL server needs a bearer token");
  const limits: LibsqlLimits = { ...libsqlLimits, ...options.limits };
  mkdirSync(dirname(file), { recursive: true });
  const pool = new ConnectionPool(file);
  const turn = new WriteTurn(setTimer);
  const table = new StreamTable(pool, turn, limits, setTimer);
  const answerPipeline = createPipeline(table, limits);
  const server = createServer(
    {
      requestTimeout: limits.requestReceiveMs,
      connectionsCheckingInterval: limits.requestCheckEveryMs,
      keepAliveTimeout: limits.keepAliveMs,
    },
    createRequestListener({ authToken, limits, answerPipeline, ping: () => pool.ping() }),
  );
  server.maxConnections = limits.connections;
  server.on("request", (_request, response) => {
    response.once("close", () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  try {
    await listen(server, port, host);
  } catch (error) {
    pool.close();
    throw error;
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The libSQL server has no port");
  return {
    url: `http://${host}:${address.port}`,
    close: async () => {
      turn.close();
      table.close();
      await closeServer(server, limits.closeGraceMs);
      pool.close();
    },
  };
}

const setTimer: SetTimer = (run, delayMs) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Lets requests that are running be answered; a connection without one is closed, at the latest when its answer is out. */
async function closeServer(server: Server, graceMs: number): Promise<void> {
  const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cancel = setTimer(() => server.closeAllConnections(), graceMs);
  await isClosed;
  cancel();
}
