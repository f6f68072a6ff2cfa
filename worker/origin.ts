// Which sites a request may come from: the guard against requests that another page makes in a signed-in browser.

import { AppError } from "#wire/errors.ts";

const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname) || url.hostname.endsWith(".localhost");
}

export function isJson(request: Request): boolean {
  return (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() === "application/json";
}

/**
 * For a request that changes something. Browsers name their origin; a program that names none must send JSON,
 * which no page of another site can do without asking first.
 */
export function requireOwnOrigin(request: Request): void {
  if (isOwnOrigin(request)) return;
  const isProgram = !request.headers.has("Origin") && !request.headers.has("Sec-Fetch-Site");
  if (isProgram && isJson(request)) return;
  throw new AppError(
    "origin_refused",
    isProgram
      ? "Send the header Content-Type: application/json."
      : "Use Berth from its own address; other sites may not call it.",
  );
}

export function isOwnOrigin(request: Request): boolean {
  return request.headers.get("Origin") === new URL(request.url).origin;
}
