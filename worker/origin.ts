// Which sites a request may come from: the guard against requests that another page makes in a signed-in browser.

import { AppError } from "#wire/errors.ts";

const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname) || url.hostname.endsWith(".localhost");
}

export function requireJson(request: Request): void {
  if (!isJson(request))
    throw new AppError("json_expected", "Send JSON, with the header Content-Type: application/json.");
}

function isJson(request: Request): boolean {
  return (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() === "application/json";
}

/**
 * For a request that changes something. Browsers name their origin; a program that names none must send JSON,
 * which no page of another site can do without asking first.
 */
export function requireOwnOrigin(request: Request): void {
  if (isOwnOrigin(request)) return;
  const isProgram = !request.headers.has("Origin") && !request.headers.has("Sec-Fetch-Site");
  if (!isProgram) throw new AppError("origin_refused", "Use Berth from its own address; other sites may not call it.");
  if (request.headers.has("Content-Type")) {
    requireJson(request);
    return;
  }
  const { origin } = new URL(request.url);
  throw new AppError(
    "origin_refused",
    `It names none. Send the header Origin: ${origin}, or, where no browser sends it, Content-Type: application/json.`,
  );
}

export function isOwnOrigin(request: Request): boolean {
  return request.headers.get("Origin") === new URL(request.url).origin;
}
