// The list of past sessions by day, and its shape while it is loaded.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { challengesQuery } from "../api/queries.ts";
import { nameDay, nameTime } from "../ui/clock.ts";
import { useNow } from "../ui/use-now.ts";
import { describeLength, describePastEnd } from "./past-sentences.ts";
import { groupByDay, type PastSession } from "./past-sessions.ts";
import styles from "./past-list.module.css";

const MINUTE_MS = 60_000;
const SKELETONS = ["first", "second", "third", "fourth"];

export function PastList({ sessions }: { sessions: readonly PastSession[] }) {
  const now = useNow(MINUTE_MS);
  return groupByDay(sessions).map((day) => (
    <section key={day.startsAt} className={styles["day"]} aria-labelledby={`day-${day.startsAt}`}>
      <h2 id={`day-${day.startsAt}`}>{nameDay(day.startsAt, now)}</h2>
      <ul className={styles["list"]}>
        {day.sessions.map((session) => (
          <Row key={session.id} session={session} now={now} />
        ))}
      </ul>
    </section>
  ));
}

function Row({ session, now }: { session: PastSession; now: number }) {
  const { challengeId, startedAt, end } = session;
  const { tone, name, why } = describePastEnd(end);
  return (
    <li className={styles["row"]}>
      <div className={styles["what"]}>
        <Title slug={challengeId} />
        {why === "" ? null : <p>{why}</p>}
      </div>
      <span className={styles["end"]} data-tone={tone}>
        {name}
      </span>
      <Span
        startedAt={startedAt}
        endedAt={end.name === "ended" ? end.at : null}
        isOpen={end.name === "open"}
        now={now}
      />
    </li>
  );
}

/** A challenge that is not offered any more keeps the name that it was opened by. */
function Title({ slug }: { slug: string }) {
  const { data } = useQuery(challengesQuery);
  const challenge = data?.challenges.find((offered) => offered.slug === slug);
  if (challenge === undefined) return <span className={styles["title"]}>{slug}</span>;
  return (
    <Link to="/challenges/$slug" params={{ slug }} className={styles["title"]}>
      {challenge.title}
    </Link>
  );
}

type SpanProps = { startedAt: number; endedAt: number | null; isOpen: boolean; now: number };

function Span({ startedAt, endedAt, isOpen, now }: SpanProps) {
  const until = endedAt ?? (isOpen ? now : null);
  return (
    <span className={styles["when"]}>
      <time dateTime={new Date(startedAt).toISOString()}>
        {isOpen || endedAt === null ? `since ${nameTime(startedAt)}` : `${nameTime(startedAt)} – ${nameTime(endedAt)}`}
      </time>
      <span className={styles["length"]}>{until === null ? "" : describeLength(Math.max(0, until - startedAt))}</span>
    </span>
  );
}

export function PastSkeleton() {
  return (
    <section className={styles["day"]} aria-busy="true" aria-label="Loading your sessions">
      <h2>
        <span className={styles["blank"]} />
      </h2>
      <ul className={styles["list"]}>
        {SKELETONS.map((name) => (
          <li key={name} className={styles["row"]} aria-hidden="true">
            <div className={styles["what"]}>
              <span className={styles["blank"]} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
