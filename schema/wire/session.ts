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
  "idle_too_long",
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

/** What a learner is told when a limit of the container was hit, or something was done to it: codes for programs, a sentence for people. */
export const noticeSchema = z.strictObject({
  code: z.enum([
    /** A program was ended because the container's memory was full. */
    "memory_full",
    /** A program could not start another one. */
    "processes_full",
    /** Nothing can be written any more; `disk_low` warns before. */
    "disk_full",
    "disk_low",
    /** The container has used all its processor time for a while. */
    "processor_busy",
    /** The container was started again: files are as they were, programs and terminals are new. */
    "container_restarted",
    /** The machine ran short: the container was put to rest with its files, and starts again when it is used. */
    "put_to_rest",
    /** The session took what all sessions of the machine share, and was started again. */
    "took_too_much",
    /** The session ends soon. */
    "ends_soon",
  ]),
  message: z.string().min(1).max(500),
});
export type Notice = z.infer<typeof noticeSchema>;

export const terminalSummarySchema = z.strictObject({
  terminal: terminalNumberSchema,
  instance: terminalInstanceSchema,
  exited: z.boolean(),
});
export type TerminalSummary = z.infer<typeof terminalSummarySchema>;

/**
 * Times are epoch milliseconds. `idleAt`, `expiresAt` and `mostAt` are the deadlines of session-deadline.ts; `extendableAt` is when the
 * next extension is taken, or null when none would move `expiresAt` any more. `reachable` is whether the container's data socket is connected right now.
 */
export const sessionSchema = z.strictObject({
  id: sessionIdSchema,
  epoch: epochSchema,
  state: sessionStateSchema,
  challengeId: slugSchema.nullable(),
  host: z.strictObject({ id: hostIdSchema, region: poolNameSchema }).nullable(),
  reachable: z.boolean(),
  createdAt: z.int(),
  idleAt: z.int(),
  expiresAt: z.int(),
  mostAt: z.int(),
  extendableAt: z.int().nullable(),
  terminals: z.array(terminalSummarySchema),
  reason: endReasonSchema.optional(),
});
export type Session = z.infer<typeof sessionSchema>;

/** POST /api/sessions: 201 new, 200 resumed, 409 exit_current_challenge. */
export const openSessionBodySchema = z.strictObject({ challengeId: slugSchema });

export const finalStates: ReadonlySet<SessionStateName> = new Set(["stopped", "failed", "expired"]);
