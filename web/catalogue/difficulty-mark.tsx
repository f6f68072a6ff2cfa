// How hard a challenge is: a word with one to three bars.

import type { ChallengeSummary } from "#wire/challenge.ts";
import styles from "./difficulty-mark.module.css";

type Difficulty = ChallengeSummary["difficulty"];

const names: Record<Difficulty, { name: string; level: number }> = {
  beginner: { name: "Beginner", level: 1 },
  intermediate: { name: "Intermediate", level: 2 },
  advanced: { name: "Advanced", level: 3 },
};

export function DifficultyMark({ difficulty }: { difficulty: Difficulty }) {
  const { name, level } = names[difficulty];
  return (
    <span className={styles["mark"]}>
      <span className={styles["bars"]} data-level={level} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {name}
    </span>
  );
}
