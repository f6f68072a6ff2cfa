// A line over the terminal's first row: what stands between the learner and the terminal, and what can be done.

import { CheckButton } from "../doctor/check-button.tsx";
import type { LabSnapshot } from "../session/lab.ts";
import { Button } from "../ui/button.tsx";
import { useNow } from "../ui/use-now.ts";
import { describeSituation } from "./situation.ts";
import type { TerminalView } from "./terminal-set.ts";
import { useRecent } from "./use-recent.ts";
import styles from "./situation-line.module.css";

const BELL_SHOWN_MS = 4_000;

type SituationLineProps = {
  snapshot: LabSnapshot;
  view: TerminalView;
  onHurry: () => void;
  onRestart: () => void;
};

export function SituationLine({ snapshot, view, onHurry, onRestart }: SituationLineProps) {
  const now = useNow(1_000);
  const hasRung = useRecent(view.bells, BELL_SHOWN_MS);
  const { session, connection } = snapshot;
  const situation = describeSituation({ session, connection, phase: view.phase }, hasRung, now);
  if (situation === null) return null;
  const { tone, text, note, action, isConnection } = situation;
  const actions = { hurry: onHurry, restart: onRestart, reload: () => location.reload() };
  return (
    <div className={styles["line"]} data-tone={tone} data-waits={view.phase.name === "waiting" && tone === "neutral"}>
      <p className={styles["words"]}>
        <span className={styles["text"]}>{text}</span>
        {note === null ? null : <span className={styles["note"]}>{note}</span>}
      </p>
      {action === null ? null : (
        <Button isSmall onClick={actions[action.does]}>
          {action.name}
        </Button>
      )}
      {isConnection ? <CheckButton isSmall /> : null}
    </div>
  );
}
