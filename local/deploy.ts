// `npm run deploy`: brings the database to the current tables and packs, builds the page, and deploys the worker.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce } from "./build/build-once.ts";
import { tool, webBuild } from "./build/builds.ts";
import { importPacks } from "./database/import-packs.ts";
import { migrate } from "./database/migrate.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

function requireVariable(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  process.stderr.write(
    `${name} is not set: npm run deploy needs DATABASE_URL and DATABASE_TOKEN, the database that the worker uses.\n`,
  );
  process.exit(1);
}

const address = { url: requireVariable("DATABASE_URL"), authToken: requireVariable("DATABASE_TOKEN") };
await migrate(address);
await importPacks({ ...address, directory: join(PROJECT, "challenges") });
await buildOnce(PROJECT, webBuild);
const { status } = spawnSync(tool(PROJECT, "wrangler"), ["deploy", ...process.argv.slice(2)], {
  cwd: PROJECT,
  stdio: "inherit",
});
process.exit(status ?? 1);
