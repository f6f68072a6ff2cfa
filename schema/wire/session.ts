// A session as every route and socket shows it, and the bodies of the session routes (design.md sections 2 and 3).

import { z } from "zod";
import {
  epochSchema,
  hostIdSchema,
  poolNameSchema,
  sessionIdSchema,
  slugSchema,
  terminalInstanceSchema,
  terminalNumberSchema,
} from "./ids.ts";

/** States that a client can meet. `queued` and `recovering` join when something can reach them. */
export const sessionStateSchema = z.enum([
  "starting",
  "running",
  "ready",
  "loading_challenge",
  "stopped",
  "failed",
  "expired",
]);
export type SessionStateName = z.infer<typeof sessionStateSchema>;

/** Why a session ended: stable codes for programs, a sentence for people. */
export const endCodeSchema = z.enum([
  "ended_by_learner",
  "total_time_over",
  "no_runner_host",
  "container_failed",
  "container_lost",
  "host_lost",
  "start_timed_out",
  "starter_failed",
]);
export type EndCode = z.infer<typeof endCodeSchema>;

export const endReasonSchema = z.strictObject({ code: endCodeSchema, message: z.string().max(500) });
export type EndReason = z.infer<typeof endReasonSchema>;

export const terminalSummarySchema = z.strictObject({
  terminal: terminalNumberSchema,
  instance: terminalInstanceSchema,
  exited: z.boolean(),
});
export type TerminalSummary = z.infer<typeof terminalSummarySchema>;

/** Times are epoch milliseconds. `reachable` is whether the container's data socket is connected right now. */
export const sessionSchema = z.strictObject({
  id: sessionIdSchema,
  epoch: epochSchema,
  state: sessionStateSchema,
  challengeId: slugSchema.nullable(),
  host: z.strictObject({ id: hostIdSchema, region: poolNameSchema }).nullable(),
  reachable: z.boolean(),
  createdAt: z.int(),
  expiresAt: z.int(),
  terminals: z.array(terminalSummarySchema),
  reason: endReasonSchema.optional(),
});
export type Session = z.infer<typeof sessionSchema>;

/** POST /api/sessions: 201 new, 200 resumed, 409 exit_current_challenge. */
export const openSessionBodySchema = z.strictObject({ challengeId: slugSchema });

export const finalStates: ReadonlySet<SessionStateName> = new Set(["stopped", "failed", "expired"]);
