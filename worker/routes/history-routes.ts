// A learner's own history over HTTP: the database's rows, and those that their object has not brought there yet.

import { AppError } from "#wire/errors.ts";
import { historySchema } from "#wire/history.ts";
import { limits } from "#wire/limits.ts";
import { openDatabase } from "../db/database.ts";
import { type HistoryRow, readHistory, readStarts } from "../db/history-rows.ts";
import { type Settings, userSessionOf } from "../env.ts";
import { logFault } from "../log.ts";
import { type ChosenSessions, choosePage, describeHistory, type PageWish, readPageWish } from "./history-page.ts";
import { defineRoute } from "./route.ts";

type Found = { chosen: ChosenSessions; stored: HistoryRow[] };

async function askDatabase(
  { database }: Settings,
  user: string,
  wish: PageWish,
  waiting: readonly HistoryRow[],
): Promise<Found> {
  try {
    const opened = openDatabase(database.url, database.token, limits.historyAnswerMs);
    const chosen = choosePage(await readStarts(opened, user, wish.before, wish.limit + 1), waiting, wish);
    const sessions = chosen.sessions.map(({ session }) => session);
    return { chosen, stored: await readHistory(opened, user, sessions) };
  } catch (error) {
    logFault("history", error, { user });
    throw new AppError(
      "history_unavailable",
      "The database does not answer. Nothing of your history is lost: try again in a moment.",
    );
  }
}

export const historyRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/history",
    operation: "listHistory",
    summary: "One's own sessions, newest first: which challenge, when, and how and why each ended",
    access: "learner",
    queries: {
      before: "The `next` of the page before",
      limit: `How many sessions, ${limits.historyPageUsualSessions} unless it says so, at most ${limits.historyPageSessions}`,
    },
    answers: { 200: { description: "A page of sessions", schema: historySchema } },
    errors: ["bad_request", "history_unavailable"],
    async answer({ url, bindings, settings, caller }) {
      const wish = readPageWish(url.searchParams);
      // The object is asked first: what it does not have any more is in the database before that is read.
      const waiting = await userSessionOf(bindings, caller.user).undelivered(wish.before, wish.limit + 1);
      const { chosen, stored } = await askDatabase(settings, caller.user, wish, waiting);
      return { status: 200, body: describeHistory(chosen, [...stored, ...waiting]) };
    },
  }),
];
