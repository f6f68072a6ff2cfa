// The identifiers of Berth: the one parser for each.

import { z } from "zod";
import { limits } from "./limits.ts";
import { idPattern } from "./new-id.ts";

export { encodeId, newId } from "./new-id.ts";

const prefixed = (prefix: string) => z.string().regex(idPattern(prefix), `must look like ${prefix}_ and 26 characters`);

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
