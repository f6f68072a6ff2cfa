// Brings a database to the current tables: applies what is missing of schema/db/migrations.

import { fileURLToPath } from "node:url";
import { migrate as applyMigrations } from "drizzle-orm/libsql/migrator";
import { drizzle } from "drizzle-orm/libsql/web";
import { type DatabaseAddress, withDatabase } from "./connect.ts";

const MIGRATIONS = fileURLToPath(new URL("../../schema/db/migrations", import.meta.url));

/** Applies all missing migrations in one transaction; does nothing when there are none. */
export async function migrate(address: DatabaseAddress): Promise<void> {
  await withDatabase(address, async (client) => {
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS });
  });
}
