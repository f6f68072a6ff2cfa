// drizzle-kit: generates schema/db/migrations from schema/db/tables.ts and applies them to the database in the environment.

import { defineConfig } from "drizzle-kit";

const authToken = process.env.DATABASE_TOKEN;

export default defineConfig({
  dialect: "turso",
  schema: "./schema/db/tables.ts",
  out: "./schema/db/migrations",
  dbCredentials: {
    url: process.env.DATABASE_URL ?? "http://127.0.0.1:8080",
    ...(authToken === undefined ? {} : { authToken }),
  },
});
