// drizzle-kit's own `migrate` against the server, with the repository's configuration.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "@libsql/client/web";
import { expect, it, onTestFinished } from "vitest";
import { startServer } from "./test-server.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

it(
  "applies the migrations once with drizzle-kit migrate, and finds nothing to do the second time",
  {
    timeout: 60_000,
  },
  async () => {
    const { url, authToken } = await startServer();
    const client = createClient({ url, authToken });
    onTestFinished(() => client.close());
    const env = { ...process.env, DATABASE_URL: url, DATABASE_TOKEN: authToken };
    const migrate = async () =>
      await run(process.execPath, ["node_modules/drizzle-kit/bin.cjs", "migrate"], { cwd: ROOT, env });
    await migrate();
    const tables = async () =>
      (await client.execute("select name from sqlite_schema where type = 'table'")).rows.map((row) => row.name);
    expect(await tables()).toEqual(expect.arrayContaining(["packs", "challenges", "challenge_versions"]));
    const applied = async () => (await client.execute("select count(*) as n from __drizzle_migrations")).rows[0]?.n;
    const once = await applied();
    await migrate();
    expect(await applied()).toBe(once);
  },
);
