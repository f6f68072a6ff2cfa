// What the worker's tests reach outside of workerd: the database, which a test can take away, and nothing else.

import { Request, Response } from "miniflare";

/** Requests to http://switch.test/on, /off and /stalled decide how the database answers from then on. */
export function openOutside(databaseUrl: string): (request: Request) => Promise<Response> {
  let mode = "on";
  return async (request) => {
    const url = new URL(request.url);
    if (url.hostname === "switch.test") {
      mode = url.pathname.slice(1);
      return new Response(null, { status: 204 });
    }
    if (url.hostname !== "database.test") return new Response("There is nothing outside of this test.", { status: 502 });
    if (mode === "off") return new Response("The database is away.", { status: 503 });
    if (mode === "stalled") return new Promise(() => {});
    const answer = await fetch(new URL(url.pathname, databaseUrl), {
      method: request.method,
      headers: { authorization: request.headers.get("authorization") ?? "", "content-type": "application/json" },
      body: request.method === "GET" ? null : await request.text(),
    });
    return new Response(await answer.text(), { status: answer.status, headers: { "content-type": "application/json" } });
  };
}
