// The identifiers of Berth: their shapes, how they are made, and the one parser for each.

import { z } from "zod";
import { limits } from "./limits.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** 128 random bits as 26 lower-case base32 characters. */
const random = /^[a-z2-7]{26}$/;

const prefixed = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[a-z2-7]{26}$`), `must look like ${prefix}_ and 26 characters`);

export const userIdSchema = prefixed("u");
export const sessionIdSchema = prefixed("s");
export const hostIdSchema = prefixed("h");
export const terminalInstanceSchema = prefixed("t");

/** One per page load; chosen by the browser, so only its shape is trusted. */
export const clientIdSchema = z.string().uuid();

/** Pool names are region names: an object is made per name, so the set is small and configured. */
export const poolNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a short lower-case name");

/** sha256, lower-case hex. */
export const contentHashSchema = z.string().regex(/^[0-9a-f]{64}$/, "must be a sha256 in hex");

export const slugSchema = z
  .string()
  .max(limits.slugChars)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "must be lower-case words joined by hyphens");

export const epochSchema = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

/** A point in a terminal instance's output or a client's input, in bytes from its start. */
export const offsetSchema = z.int().min(0).max(limits.offsetMax);

export const terminalNumberSchema = z
  .int()
  .min(0)
  .max(limits.terminalsPerSession - 1);

/** Address of one viewer on a data socket; 0 addresses all live viewers. */
export const connectionNumberSchema = z.int().min(0).max(limits.connectionNumberMax);

/** A number that its receiver returns to prove that it has read up to it: drawn at random, so that it cannot be told in advance. */
export const markSchema = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** Numbers a probe among those of its connection; chosen by the browser, returned as it came. */
export const probeNumberSchema = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

/** Encodes 16 bytes (or the first 16 of more) as 26 base32 characters. */
export function encodeId(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes.subarray(0, 16)) bits = (bits << 8n) | BigInt(byte);
  bits <<= 2n;
  let text = "";
  for (let i = 25; i >= 0; i--) text += ALPHABET[Number((bits >> BigInt(i * 5)) & 31n)];
  return text;
}

/** A fresh identifier such as `s_…`, from 128 random bits. */
export function newId(prefix: "s" | "h" | "t"): string {
  return `${prefix}_${encodeId(crypto.getRandomValues(new Uint8Array(16)))}`;
}

/** True for the 26-character body of an identifier. */
export function isIdBody(text: string): boolean {
  return random.test(text);
}
