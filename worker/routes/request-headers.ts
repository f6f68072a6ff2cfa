// Reads the request headers that change what a session route does.

import { AppError } from "#wire/errors.ts";
import { limits } from "#wire/limits.ts";

/** The Idempotency-Key, or null when there is none. */
export function readIdempotencyKey(request: Request): string | null {
  const key = request.headers.get("Idempotency-Key");
  if (key === null) return null;
  if (key.length === 0 || key.length > limits.idempotencyKeyChars || !/^[\x21-\x7e]+$/.test(key)) {
    throw new AppError("bad_request", `Idempotency-Key: use 1 to ${limits.idempotencyKeyChars} visible characters.`);
  }
  return key;
}

/** Seconds that `Prefer: wait=N` (RFC 7240) asks to wait, at most limits.preferWaitMaxS; 0 without one. */
export function readWaitSeconds(request: Request): number {
  const [, seconds] =
    /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)/i.exec(request.headers.get("Prefer") ?? "") ?? [];
  return Math.min(Number(seconds ?? 0), limits.preferWaitMaxS);
}
