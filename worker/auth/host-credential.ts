// Verifies the credential that a runner host sends as a bearer token, and asks its pool that it was not revoked.

import { sha256Hex, type TokenSigner } from "#wire/signed-token.ts";
import type { HostCredential } from "#wire/tokens.ts";
import { type Bindings, runnerPoolOf } from "../env.ts";

/** The claims of a genuine credential that its pool still accepts, or null. */
export async function readHostCredential(
  request: Request,
  bindings: Bindings,
  signer: TokenSigner,
): Promise<HostCredential | null> {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(request.headers.get("Authorization") ?? "") ?? [];
  if (token === undefined) return null;
  const claims = await signer.verify("host-credential", token);
  if (claims === null) return null;
  const isAccepted = await runnerPoolOf(bindings, claims.pool).isAccepted(claims.host, await sha256Hex(token));
  return isAccepted ? claims : null;
}
