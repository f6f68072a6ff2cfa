// Writes the rows of sessions' history, each once by its id, and reads them back.

import { and, desc, eq, inArray, lt, or } from "drizzle-orm";
import { z } from "zod";
import { endStateSchema } from "#wire/history.ts";
import { endCodeSchema } from "#wire/session.ts";
import { sessionEvents } from "../../schema/db/tables.ts";
import type { Database } from "./database.ts";
import { type Failure, judgeFailure } from "./write-failure.ts";

const historyRowSchema = z.strictObject({
  id: z.string(),
  user: z.string(),
  session: z.string(),
  epoch: z.int(),
  kind: z.enum(["started", "ready", "switched", "extended", "ended"]),
  challenge: z.string(),
  challengeVersion: z.string(),
  host: z.string().nullable(),
  finalState: endStateSchema.nullable(),
  reasonCode: endCodeSchema.nullable(),
  reasonMessage: z.string().nullable(),
  at: z.int(),
});
export type HistoryRow = z.infer<typeof historyRowSchema>;

/** When a session started; newest first, then by id, is the order of a history. */
export type SessionStart = { session: string; at: number };

export type WriteAnswer = { outcome: "written" } | Failure;

/** All rows or none. One that is there already stays as it is; every other reason not to write one is an answer, never silence. */
export async function writeHistory(database: Database, rows: readonly HistoryRow[]): Promise<WriteAnswer> {
  const [first, ...rest] = rows.map((row) =>
    database.insert(sessionEvents).values(row).onConflictDoNothing({ target: sessionEvents.id }),
  );
  if (first === undefined) return { outcome: "written" };
  try {
    await database.batch([first, ...rest]);
    return { outcome: "written" };
  } catch (error) {
    return judgeFailure(error, rows.length);
  }
}

/** The newest starts behind `before`, or of all. */
export async function readStarts(
  database: Database,
  user: string,
  before: SessionStart | null,
  count: number,
): Promise<SessionStart[]> {
  const { session, at } = sessionEvents;
  const isBehind =
    before === null ? undefined : or(lt(at, before.at), and(eq(at, before.at), lt(session, before.session)));
  return database
    .select({ session, at })
    .from(sessionEvents)
    .where(and(eq(sessionEvents.user, user), eq(sessionEvents.kind, "started"), isBehind))
    .orderBy(desc(at), desc(session))
    .limit(count);
}

export async function readHistory(database: Database, user: string, sessions: string[]): Promise<HistoryRow[]> {
  if (sessions.length === 0) return [];
  const isMeant = and(inArray(sessionEvents.session, sessions), eq(sessionEvents.user, user));
  return z.array(historyRowSchema).parse(await database.select().from(sessionEvents).where(isMeant));
}
