// The task of a challenge: loading, missing, failed or there to read.

import { useQuery } from "@tanstack/react-query";
import Clock from "lucide-react/icons/clock";
import { useLayoutEffect, useRef } from "react";
import { describeProblem, isMissingChallenge } from "../api/problem.ts";
import { challengeQuery } from "../api/queries.ts";
import { DifficultyMark } from "../catalogue/difficulty-mark.tsx";
import { CheckButton } from "../doctor/check-button.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { Markdown } from "./markdown.tsx";
import { MissingChallenge } from "./missing-challenge.tsx";
import { readPlace, keepPlace } from "./reading-place.ts";
import styles from "./task-pane.module.css";

export function TaskPane({ slug }: { slug: string }) {
  const challenge = useQuery(challengeQuery(slug));
  const pane = useRef<HTMLElement>(null);
  const isShown = challenge.data !== undefined;
  useLayoutEffect(() => {
    if (isShown) pane.current?.scrollTo({ top: readPlace(slug) });
  }, [isShown, slug]);
  return (
    <article
      className={styles["pane"]}
      ref={pane}
      tabIndex={0}
      aria-label="Task"
      onScroll={isShown ? ({ currentTarget }) => keepPlace(slug, currentTarget.scrollTop) : undefined}
    >
      <div className={styles["task"]}>
        {challenge.data === undefined ? (
          challenge.isError ? (
            <Failed error={challenge.error} isBusy={challenge.isFetching} retry={() => void challenge.refetch()} />
          ) : (
            <Loading />
          )
        ) : (
          <>
            <header className={styles["head"]}>
              <p className={styles["facts"]}>
                <span>{challenge.data.packTitle}</span>
                <DifficultyMark difficulty={challenge.data.difficulty} />
                <span className={styles["minutes"]}>
                  <Clock aria-hidden="true" />
                  {challenge.data.minutes} min
                </span>
              </p>
              <h1>{challenge.data.title}</h1>
            </header>
            <Markdown text={challenge.data.task} title={challenge.data.title} />
          </>
        )}
      </div>
    </article>
  );
}

function Failed({ error, isBusy, retry }: { error: Error; isBusy: boolean; retry: () => void }) {
  if (isMissingChallenge(error)) return <MissingChallenge />;
  const { title, detail } = describeProblem(error);
  return (
    <Notice tone="bad" title={title} detail={detail} isAlert>
      <Button isSmall isBusy={isBusy} onClick={retry}>
        Try again
      </Button>
      <CheckButton isSmall />
    </Notice>
  );
}

const LINES = ["34%", "60%", "92%", "88%", "71%", "0", "95%", "83%", "40%"];

function Loading() {
  return (
    <div className={styles["lines"]} aria-busy="true">
      <span className="visually-hidden">Loading the task</span>
      {LINES.map((width) => (
        <span key={width} style={{ width }} />
      ))}
    </div>
  );
}
