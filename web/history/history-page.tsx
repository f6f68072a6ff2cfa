// What the reader has worked on: every session, how it ended and why, newest first.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { describeProblem, Problem } from "../api/problem.ts";
import { currentSessionQuery, historyQuery } from "../api/queries.ts";
import { CheckButton } from "../doctor/check-button.tsx";
import { ReaderMenu } from "../sign-in/reader-menu.tsx";
import { Button, buttonClass } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { TopBar } from "../ui/top-bar.tsx";
import { useTitle } from "../ui/use-title.ts";
import { PastList, PastSkeleton } from "./past-list.tsx";
import { listSessions } from "./past-sessions.ts";
import styles from "./history-page.module.css";

export function HistoryPage() {
  useTitle("Your sessions");
  return (
    <>
      <TopBar end={<ReaderMenu />} />
      <main className={styles["page"]} id="main">
        <div className={styles["head"]}>
          <h1>Your sessions</h1>
          <p>What you opened, how it ended and why.</p>
        </div>
        <History />
      </main>
    </>
  );
}

function History() {
  const history = useInfiniteQuery(historyQuery);
  const { data: open } = useQuery(currentSessionQuery);
  if (history.isPending) return <PastSkeleton />;
  const sessions = listSessions(history.data?.pages.flatMap((page) => page.sessions) ?? [], open);
  const { isFetchNextPageError, hasNextPage, isFetchingNextPage } = history;
  return (
    <>
      {history.isError && !isFetchNextPageError ? (
        <Unread error={history.error} isBusy={history.isFetching} retry={() => void history.refetch()} />
      ) : null}
      {sessions.length > 0 ? <PastList sessions={sessions} /> : null}
      {sessions.length === 0 && history.isSuccess ? (
        <Notice
          tone="neutral"
          title="No sessions yet"
          detail="Open a challenge and start its lab: the session is listed here from then on."
        >
          <Link to="/" className={buttonClass("primary")}>
            All challenges
          </Link>
        </Notice>
      ) : null}
      {isFetchNextPageError ? (
        <Unread error={history.error} isBusy={isFetchingNextPage} retry={() => void history.fetchNextPage()} />
      ) : null}
      {hasNextPage && !isFetchNextPageError ? (
        <div className={styles["more"]}>
          <Button isBusy={isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            Show earlier sessions
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Unread({ error, isBusy, retry }: { error: Error | null; isBusy: boolean; retry: () => void }) {
  const { title, detail, isDatabase } = describeUnread(error);
  return (
    <Notice tone={isDatabase ? "warning" : "bad"} title={title} detail={detail} isAlert>
      <Button isSmall isBusy={isBusy} onClick={retry}>
        Try again
      </Button>
      {isDatabase ? null : <CheckButton isSmall />}
    </Notice>
  );
}

function describeUnread(error: unknown): { title: string; detail: string; isDatabase: boolean } {
  const isDatabase = error instanceof Problem && error.code === "history_unavailable";
  if (!isDatabase) return { ...describeProblem(error), isDatabase };
  return {
    title: "Earlier sessions cannot be shown right now",
    detail:
      "The database that keeps them does not answer. Nothing is lost: what happens meanwhile is recorded once it is back.",
    isDatabase,
  };
}
