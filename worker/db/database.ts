// Opens libSQL or Turso over HTTP; the rest of worker/db sees only drizzle.

import { createClient } from "@libsql/client/web";
import { drizzle } from "drizzle-orm/libsql/web";

export type Database = ReturnType<typeof drizzle>;

/** Requests are given up after `timeoutMs`. */
export function openDatabase(url: string, token: string | undefined, timeoutMs: number): Database {
  const client = createClient({
    url,
    ...(token === undefined ? {} : { authToken: token }),
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(timeoutMs) }),
  });
  return drizzle(client);
}
