// Starts the local libSQL server with the repository's own challenges, behind a switch by which a test takes it away.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestProject } from "vitest/node";
import { importPacks } from "../../../local/database/import-packs.ts";
import { migrate } from "../../../local/database/migrate.ts";
import { startLibsqlServer } from "../../../local/libsql-server/server.ts";
import { seedsFor } from "../../support/seeded-random.ts";

const AUTH_TOKEN = "test-token";
const FUZZ_RUNS = 3;
const CHALLENGES = join(import.meta.dirname, "../../../challenges");

export default async function startDatabase(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "berth-worker-test-"));
  const file = join(folder, "berth.db");
  const database = await startLibsqlServer({ file, port: 0, host: "127.0.0.1", authToken: AUTH_TOKEN });
  const address = { url: database.url, authToken: AUTH_TOKEN };
  await migrate(address);
  await importPacks({ ...address, directory: CHALLENGES });
  const behindSwitch = await startSwitch(database.url);
  project.provide("databaseUrl", behindSwitch.url);
  project.provide("seeds", seedsFor(Number(process.env["BERTH_FUZZ_RUNS"] ?? FUZZ_RUNS)));
  return async () => {
    behindSwitch.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
}

/** POST /switch/on, /switch/off, /switch/stalled or /switch/deaf decides how the database answers from then on: deaf, it does what it is asked and nobody hears of it. */
async function startSwitch(databaseUrl: string): Promise<{ url: string; close: () => void }> {
  let mode = "on";
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "/";
    const [, switched] = /^\/switch\/(\w+)$/.exec(path) ?? [];
    if (switched !== undefined) {
      mode = switched;
      response.writeHead(204).end();
    } else if (mode === "off") response.writeHead(503).end("The database is away.");
    else if (mode === "on" || mode === "deaf") {
      const isHeard = mode === "on";
      const headers = { authorization: request.headers.authorization ?? "", "content-type": "application/json" };
      const found = await fetch(new URL(path, databaseUrl), { method: "POST", headers, body: await text(request) });
      const body = await found.text();
      if (isHeard) response.writeHead(found.status, { "content-type": "application/json" }).end(body);
      else response.destroy();
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The switch has no port");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
    /** For tests with random input: workerd sees no environment. */
    seeds: number[];
  }
}
