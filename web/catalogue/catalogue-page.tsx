// All challenges, by pack, and which of them is in progress.

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { describeProblem } from "../api/problem.ts";
import { challengesQuery, currentSessionQuery } from "../api/queries.ts";
import { CheckButton } from "../doctor/check-button.tsx";
import { ReaderMenu } from "../sign-in/reader-menu.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { TopBar } from "../ui/top-bar.tsx";
import { useTitle } from "../ui/use-title.ts";
import { ChallengeCard, SkeletonCard } from "./challenge-card.tsx";
import { filterChallenges, groupByPack } from "./packs.ts";
import styles from "./catalogue-page.module.css";

/** Fewer can be read at a glance. */
const FILTER_FROM = 7;
const SKELETONS = ["first", "second", "third"];

export function CataloguePage() {
  useTitle("Challenges");
  return (
    <>
      <TopBar end={<ReaderMenu />} />
      <main className={styles["page"]} id="main">
        <div className={styles["head"]}>
          <h1>Challenges</h1>
          <p>Each opens in a lab container of your own, with Docker inside.</p>
        </div>
        <Catalogue />
      </main>
    </>
  );
}

function Catalogue() {
  const filterId = useId();
  const [words, setWords] = useState("");
  const list = useQuery(challengesQuery);
  const { data: session } = useQuery(currentSessionQuery);
  if (list.data === undefined) {
    if (!list.isError) return <Loading />;
    const { title, detail } = describeProblem(list.error);
    return (
      <Notice tone="bad" title={title} detail={detail} isAlert>
        <Button isBusy={list.isFetching} onClick={() => void list.refetch()}>
          Try again
        </Button>
        <CheckButton />
      </Notice>
    );
  }
  const { challenges, stale } = list.data;
  const shown = filterChallenges(challenges, words);
  return (
    <>
      {stale ? (
        <Notice
          tone="warning"
          title="This list may be out of date"
          detail="The catalogue’s database cannot be asked right now. Challenges still open."
        >
          <Button isSmall isBusy={list.isFetching} onClick={() => void list.refetch()}>
            Ask again
          </Button>
        </Notice>
      ) : null}
      {challenges.length >= FILTER_FROM ? (
        <div className={styles["filter"]}>
          <label htmlFor={filterId} className="visually-hidden">
            Filter challenges
          </label>
          <input
            id={filterId}
            type="search"
            placeholder="Filter by title or concept"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
          <span role="status">{words.trim() === "" ? "" : `${shown.length} of ${challenges.length}`}</span>
        </div>
      ) : null}
      {challenges.length === 0 ? (
        <Notice
          tone="neutral"
          title="There are no challenges yet"
          detail="They appear here as soon as a content pack is imported. Packs live in the folder challenges/."
        >
          <Button isSmall isBusy={list.isFetching} onClick={() => void list.refetch()}>
            Look again
          </Button>
        </Notice>
      ) : null}
      {challenges.length > 0 && shown.length === 0 ? (
        <Notice tone="neutral" title={`No challenge matches “${words.trim()}”`}>
          <Button isSmall onClick={() => setWords("")}>
            Show all
          </Button>
        </Notice>
      ) : null}
      {groupByPack(shown).map((pack) => (
        <section key={pack.slug} className={styles["pack"]} aria-labelledby={`pack-${pack.slug}`}>
          <h2 id={`pack-${pack.slug}`}>
            {pack.title} <span>{pack.challenges.length}</span>
          </h2>
          <ul className={styles["cards"]}>
            {pack.challenges.map((challenge) => (
              <ChallengeCard
                key={challenge.uid}
                challenge={challenge}
                isInProgress={session?.challengeId === challenge.slug}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Loading() {
  return (
    <section className={styles["pack"]} aria-busy="true" aria-label="Loading challenges">
      <h2>
        <span className={styles["blank"]} />
      </h2>
      <ul className={styles["cards"]}>
        {SKELETONS.map((name) => (
          <SkeletonCard key={name} />
        ))}
      </ul>
    </section>
  );
}
