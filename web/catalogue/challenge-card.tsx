// One challenge in the catalogue; the whole card is its link.

import { Link } from "@tanstack/react-router";
import Clock from "lucide-react/icons/clock";
import type { ChallengeSummary } from "#wire/challenge.ts";
import { DifficultyMark } from "./difficulty-mark.tsx";
import styles from "./challenge-card.module.css";

const CONCEPTS_SHOWN = 4;

export function ChallengeCard({ challenge, isInProgress }: { challenge: ChallengeSummary; isInProgress: boolean }) {
  const { slug, title, summary, difficulty, minutes, concepts } = challenge;
  const hidden = concepts.length - CONCEPTS_SHOWN;
  return (
    <li className={styles["card"]} data-in-progress={isInProgress}>
      <div className={styles["top"]}>
        <h3>
          <Link to="/challenges/$slug" params={{ slug }} className={styles["link"]}>
            {title}
          </Link>
        </h3>
        {isInProgress ? <span className={styles["progress"]}>In progress</span> : null}
      </div>
      <p className={styles["summary"]}>{summary}</p>
      <ul className={styles["concepts"]} aria-label="Concepts">
        {concepts.slice(0, CONCEPTS_SHOWN).map((concept) => (
          <li key={concept}>{concept}</li>
        ))}
        {hidden > 0 ? <li title={concepts.slice(CONCEPTS_SHOWN).join(", ")}>+{hidden}</li> : null}
      </ul>
      <div className={styles["facts"]}>
        <DifficultyMark difficulty={difficulty} />
        <span className={styles["minutes"]}>
          <Clock aria-hidden="true" />
          {minutes} min
        </span>
      </div>
    </li>
  );
}

export function SkeletonCard() {
  return (
    <li className={`${styles["card"]} ${styles["skeleton"]}`} aria-hidden="true">
      <div className={styles["top"]}>
        <span className={styles["blank"]} />
      </div>
      <p className={styles["summary"]}>
        <span className={styles["blank"]} />
        <span className={styles["blank"]} />
      </p>
      <div className={styles["concepts"]}>
        <span className={styles["blank"]} />
      </div>
      <div className={styles["facts"]}>
        <span className={styles["blank"]} />
      </div>
    </li>
  );
}
