// Translates refusals and faults into problem documents (RFC 9457).

import { AppError, errorCodes } from "#wire/errors.ts";
import { logFault } from "./log.ts";

/** A problem's `code` is stable; `detail` says what is wrong and what to do. */
export function problemOf(error: AppError): Response {
  const { status, title } = errorCodes[error.code];
  const problem = {
    ...error.extra,
    type: `urn:berth:error:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
  };
  const headers: Record<string, string> = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };
  if (error.code === "credential_refused") headers["WWW-Authenticate"] = "Bearer";
  if (error.code === "upgrade_expected") headers["Upgrade"] = "websocket";
  const { allow } = error.extra;
  if (error.code === "method_not_allowed" && Array.isArray(allow)) headers["Allow"] = allow.join(", ");
  return new Response(JSON.stringify(problem), { status, headers });
}

export function translateError(error: unknown, request: Request): Response {
  if (error instanceof AppError) return problemOf(error);
  logFault("request", error, { method: request.method, path: new URL(request.url).pathname });
  return problemOf(
    new AppError("internal", "The request was not carried out. Try again; if it stays so, tell the operator."),
  );
}
