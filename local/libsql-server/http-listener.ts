// HTTP in front of the pipeline: address, method, bearer token, body size, and refusals as Hrana errors with their status.

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { HranaError, HttpRefusal } from "./hrana-error.ts";
import type { LibsqlLimits } from "./limits.ts";
import type { PipelineAnswer } from "./pipeline.ts";

export interface ListenerOptions {
  readonly authToken: string;
  readonly limits: LibsqlLimits;
  readonly answerPipeline: (body: Uint8Array) => Promise<PipelineAnswer>;
  /** Throws when the database cannot be read. */
  readonly ping: () => void;
}

export function createRequestListener(options: ListenerOptions): RequestListener {
  return (request, response) => {
    answer(request, options).then(
      (body) => send(response, 200, body),
      (error: unknown) => sendError(request, response, error),
    );
  };
}

async function answer(request: IncomingMessage, options: ListenerOptions): Promise<unknown> {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (path === "/health") {
    requireMethod(request, "GET");
    options.ping();
    return { status: "ok" };
  }
  requireToken(request, options.authToken);
  if (path !== "/v2/pipeline") {
    throw new HttpRefusal(404, "NOT_FOUND", "This server speaks Hrana 2 over HTTP at POST /v2/pipeline only");
  }
  requireMethod(request, "POST");
  return await options.answerPipeline(await readBody(request, options.limits.requestBodyBytes));
}

function requireMethod(request: IncomingMessage, method: string): void {
  if (request.method !== method) throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", `This address takes ${method}`);
}

function requireToken(request: IncomingMessage, expected: string): void {
  const [, given = ""] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  // Digests have one length, so that the comparison tells nothing about the token.
  if (!timingSafeEqual(digest(given), digest(expected))) {
    throw new HttpRefusal(401, "AUTH_REFUSED", "The bearer token is missing or not the server's");
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Reads a body that is too large to its end as well, since a client that is still sending would not hear the refusal. */
async function readBody(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) throw new Error("The body came as text");
    bytes += chunk.byteLength;
    if (bytes <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > limitBytes) throw new HttpRefusal(413, "BODY_TOO_LARGE", `A pipeline may take ${limitBytes} bytes`);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": text.byteLength });
  response.end(text);
}

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed && !request.complete) return;
  // A body that was not read would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  if (error instanceof HttpRefusal) {
    send(response, error.status, error);
    return;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  send(response, 500, new HranaError("INTERNAL", "The libSQL server failed; its log says why"));
}
