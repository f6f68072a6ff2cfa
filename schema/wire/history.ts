// A learner's past sessions as GET /api/history lists them, and what operators see of history that the database refused.

import { z } from "zod";
import { contentHashSchema, sessionIdSchema, slugSchema, userIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { endReasonSchema } from "./session.ts";

export const endStateSchema = z.enum(["stopped", "failed", "expired"]);

/** One session. Times are epoch milliseconds; `readyAt` is null for one that never was, `ended` for one that goes on. */
export const historySessionSchema = z.strictObject({
  id: sessionIdSchema,
  /** The challenge that was opened last, and its version. */
  challengeId: slugSchema,
  version: contentHashSchema,
  startedAt: z.int(),
  readyAt: z.int().nullable(),
  extensions: z.int().min(0),
  ended: z.strictObject({ at: z.int(), state: endStateSchema, reason: endReasonSchema }).nullable(),
});
export type HistorySession = z.infer<typeof historySessionSchema>;

/** Where a page of history begins: behind a session, by its start and id. */
export const historyCursorSchema = z.string().regex(/^\d{1,15}-s_[a-z2-7]{26}$/, "must be the `next` of another page");

/** GET /api/history?before=&limit=, newest first. `next` is the `before` of the next page, or null after the last. */
export const historySchema = z.strictObject({
  sessions: z.array(historySessionSchema).max(limits.historyPageSessions),
  next: historyCursorSchema.nullable(),
});
export type History = z.infer<typeof historySchema>;

/** What a user's object says of rows that the database refuses: how many it keeps aside, since when, and the database's code. */
export const parkedRowsSchema = z.strictObject({
  user: userIdSchema,
  rows: z.int().min(1),
  since: z.int(),
  code: z.string().max(100),
  reportedAt: z.int(),
});
export type ParkedRows = z.infer<typeof parkedRowsSchema>;

/** GET /api/admin/outbox: users with parked rows, longest first; `users` and `rows` count all of them, also those not shown. */
export const parkedOutboxesSchema = z.strictObject({
  users: z.int().min(0),
  rows: z.int().min(0),
  parked: z.array(parkedRowsSchema).max(limits.outboxUsersShown),
});
export type ParkedOutboxes = z.infer<typeof parkedOutboxesSchema>;

/** POST /api/admin/outbox/retry: one user's parked rows, or those of all that are shown. */
export const retryOutboxBodySchema = z.strictObject({ user: userIdSchema.optional() });

/** How many objects and rows are tried again now. */
export const retriedOutboxSchema = z.strictObject({ users: z.int().min(0), rows: z.int().min(0) });
