// The signed tokens of Berth: what each claims. signed-token.ts signs and verifies them.

import { z } from "zod";
import { epochSchema, hostIdSchema, poolNameSchema, sessionIdSchema, userIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

export const roleSchema = z.enum(["learner", "instructor", "operator", "admin"]);
export type Role = z.infer<typeof roleSchema>;

export const loginSchema = z
  .string()
  .max(limits.loginChars)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9]))*$/, "must be letters, digits and single hyphens");

/** The sign-in cookie. */
export const signInClaimsSchema = z.strictObject({
  user: userIdSchema,
  login: loginSchema,
  name: z.string().min(1).max(limits.displayNameChars),
  role: roleSchema,
  expiresAt: z.int(),
});
export type SignInClaims = z.infer<typeof signInClaimsSchema>;

/** A data ticket: this host may carry this epoch of this session of this user. Good until the epoch ends. */
export const dataTicketSchema = z.strictObject({
  user: userIdSchema,
  session: sessionIdSchema,
  epoch: epochSchema,
  host: hostIdSchema,
});
export type DataTicket = z.infer<typeof dataTicketSchema>;

/** What a host proves itself with on each upgrade and request; its sha256 is stored by its pool, so that it can be revoked. */
export const hostCredentialSchema = z.strictObject({
  host: hostIdSchema,
  pool: poolNameSchema,
  nonce: z.string().min(16).max(64),
});
export type HostCredential = z.infer<typeof hostCredentialSchema>;

/** Lets one machine register as a runner host of a pool, once. */
export const joinTokenSchema = z.strictObject({
  pool: poolNameSchema,
  nonce: z.string().min(16).max(64),
  expiresAt: z.int(),
});
export type JoinToken = z.infer<typeof joinTokenSchema>;

/** Each purpose has a key of its own, derived from the signing key: a token of one can never pass for another. */
export const tokenSchemas = {
  "sign-in": signInClaimsSchema,
  "data-ticket": dataTicketSchema,
  "host-credential": hostCredentialSchema,
  "join-token": joinTokenSchema,
} as const;
export type TokenPurpose = keyof typeof tokenSchemas;
export type TokenClaims<P extends TokenPurpose> = z.infer<(typeof tokenSchemas)[P]>;

/** POST /api/runner/hosts {joinToken, hostName} -> 201 {host, pool, credential}. */
export const registerHostBodySchema = z.strictObject({
  joinToken: z.string().max(2_048),
  hostName: z.string().min(1).max(limits.hostNameChars),
});
export const registeredHostSchema = z.strictObject({
  host: hostIdSchema,
  pool: poolNameSchema,
  credential: z.string().max(2_048),
});
