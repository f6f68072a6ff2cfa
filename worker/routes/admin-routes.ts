// What operators see of history that the database refuses, and how they have it tried again.

import { AppError } from "#wire/errors.ts";
import { parkedOutboxesSchema, retriedOutboxSchema, retryOutboxBodySchema } from "#wire/history.ts";
import { type Bindings, runnerPoolOf, type Settings, userSessionOf } from "../env.ts";
import { logFault } from "../log.ts";
import { defineRoute } from "./route.ts";

/** Only users whom the pool lists: an object is made where it is first used, and that is never here. */
async function findParkedUsers(bindings: Bindings, { region }: Settings, user: string | undefined): Promise<string[]> {
  const pool = runnerPoolOf(bindings, region);
  if (user === undefined) return (await pool.parkedOutboxes()).parked.map((parked) => parked.user);
  if (await pool.hasParkedOutbox(user)) return [user];
  throw new AppError("not_found", "This user has no parked rows that this region knows of.");
}

/** One object that does not answer is no reason to leave the others; it stays in the list. */
async function retryOutbox(bindings: Bindings, user: string): Promise<number | null> {
  try {
    return await userSessionOf(bindings, user).retryOutbox();
  } catch (error) {
    logFault("outbox retry", error, { user });
    return null;
  }
}

export const adminRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/admin/outbox",
    operation: "listParkedOutboxes",
    summary: "Users of this region whose history has rows that the database refuses",
    access: "operator",
    answers: { 200: { description: "The list, longest parked first", schema: parkedOutboxesSchema } },
    async answer({ bindings, settings }) {
      return { status: 200, body: await runnerPoolOf(bindings, settings.region).parkedOutboxes() };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/admin/outbox/retry",
    operation: "retryParkedOutboxes",
    summary: "Has parked rows tried again: one user's, or those of all who are listed",
    access: "operator",
    body: retryOutboxBodySchema,
    answers: { 202: { description: "They are being tried", schema: retriedOutboxSchema } },
    errors: ["not_found"],
    async answer({ bindings, settings, body }) {
      const users = await findParkedUsers(bindings, settings, body.user);
      const retried = await Promise.all(users.map((user) => retryOutbox(bindings, user)));
      const rows = retried.filter((count) => count !== null);
      return { status: 202, body: { users: rows.length, rows: rows.reduce((sum, count) => sum + count, 0) } };
    },
  }),
];
