// Starts the local libSQL server with the repository's own challenges for the worker's tests.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { importPacks } from "../../../local/database/import-packs.ts";
import { migrate } from "../../../local/database/migrate.ts";
import { startLibsqlServer } from "../../../local/libsql-server/server.ts";

const AUTH_TOKEN = "test-token";

export default async function startDatabase(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "berth-worker-test-"));
  const server = await startLibsqlServer({ file: join(folder, "berth.db"), port: 0, host: "127.0.0.1", authToken: AUTH_TOKEN });
  const address = { url: server.url, authToken: AUTH_TOKEN };
  await migrate(address);
  await importPacks({ ...address, directory: join(import.meta.dirname, "../../../challenges") });
  project.provide("databaseUrl", server.url);
  return async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
}

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
  }
}
