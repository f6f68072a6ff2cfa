// Opens libSQL or Turso over HTTP; the rest of worker/db sees only drizzle.

import { createClient } from "@libsql/client/web";
import { drizzle } from "drizzle-orm/libsql/web";

export type Database = ReturnType<typeof drizzle>;

/** Requests are given up after `timeoutMs`. */
export function openDatabase(url: string, token: string | undefined, timeoutMs: number): Database {
  const client = createClient({
    url,
    ...(token === undefined ? {} : { authToken: token }),
    fetch: (request: Request) => fetchWithin(request, timeoutMs),
  });
  return drizzle(client);
}

/** The whole answer or none. No timer is left behind: while one runs, an object does not hibernate. */
async function fetchWithin(request: Request, timeoutMs: number): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("It took too long", "TimeoutError")), timeoutMs);
  try {
    const response = await fetch(request, { signal: late.signal });
    return new Response(await response.arrayBuffer(), response);
  } finally {
    clearTimeout(timer);
  }
}
