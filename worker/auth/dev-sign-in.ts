// Development sign-in: anybody becomes anybody. Only a bundle built for it contains this, and only a set DEV_SIGN_IN enables it.

import { z } from "zod";
import { AppError } from "#wire/errors.ts";
import { encodeId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { loginSchema, roleSchema, signInClaimsSchema } from "#wire/tokens.ts";
import { defineRoute, type Route } from "../routes/route.ts";
import { makeSignInCookie } from "./sign-in-cookie.ts";

/** A user's id derives from provider and login alone: no database is asked. */
async function userIdOf(provider: string, login: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${provider}:${login.toLowerCase()}`));
  return `u_${encodeId(new Uint8Array(digest))}`;
}

/** A function, so that a bundle that never calls it carries nothing of the route. */
export function makeDevSignInRoute(): Route {
  return defineRoute({
    method: "POST",
    path: "/auth/dev",
    operation: "signInForDevelopment",
    summary: "Signs in as anybody, on a development server",
    access: "anyone",
    body: z.strictObject({
      login: loginSchema,
      name: z.string().trim().min(1).max(limits.displayNameChars).optional(),
      role: roleSchema.default("learner"),
    }),
    answers: { 200: { description: "Signed in; the cookie is set", schema: signInClaimsSchema } },
    errors: ["not_found"],
    async answer({ url, settings, body: { login, name, role } }) {
      if (!settings.isDevSignInOn) throw new AppError("not_found", "Development sign-in is off on this server.");
      const user = await userIdOf("dev", login);
      const claims = { user, login, name: name ?? login, role, expiresAt: Date.now() + limits.signInMs };
      return {
        status: 200,
        body: claims,
        headers: { "Set-Cookie": await makeSignInCookie(url, claims, settings.signer) },
      };
    },
  });
}
