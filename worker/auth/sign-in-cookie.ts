// The sign-in cookie: its name and attributes by scheme, how it is made, read and cleared.

import { AppError } from "#wire/errors.ts";
import { limits } from "#wire/limits.ts";
import { sha256Hex, type TokenSigner } from "#wire/signed-token.ts";
import type { SignInClaims } from "#wire/tokens.ts";
import { isLoopback } from "../origin.ts";

/** Null where no cookie is safe: plain http is for this machine only. */
function cookieName(url: URL): "__Host-berth" | "berth" | null {
  if (url.protocol === "https:") return "__Host-berth";
  return isLoopback(url) ? "berth" : null;
}

/** The value of a Set-Cookie header; throws `origin_refused` on plain http that is not loopback. */
export async function makeSignInCookie(url: URL, claims: SignInClaims, signer: TokenSigner): Promise<string> {
  return writeCookie(url, await signer.sign("sign-in", claims), Math.floor(limits.signInMs / 1000));
}

export function clearSignInCookie(url: URL): string {
  return writeCookie(url, "", 0);
}

/** Whoever is signed in, or null. */
export async function readSignIn(request: Request, signer: TokenSigner, now: number): Promise<SignInClaims | null> {
  const token = findToken(request);
  const claims = token === null ? null : await signer.verify("sign-in", token);
  return claims !== null && claims.expiresAt > now ? claims : null;
}

/** Names one sign-in, in one browser, without being of use to whoever reads it; empty without a cookie. */
export async function fingerprintSignIn(request: Request): Promise<string> {
  const token = findToken(request);
  return token === null ? "" : sha256Hex(token);
}

function findToken(request: Request): string | null {
  const name = cookieName(new URL(request.url));
  return name === null ? null : findCookie(request.headers.get("Cookie") ?? "", name);
}

function writeCookie(url: URL, value: string, maxAgeSeconds: number): string {
  const name = cookieName(url);
  if (name === null)
    throw new AppError(
      "origin_refused",
      "Signing in over plain http works on this machine's own address only. Use https.",
    );
  const secure = name.startsWith("__Host-") ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

function findCookie(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
