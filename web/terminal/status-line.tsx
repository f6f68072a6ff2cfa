// The line under the terminal: what stands between the learner and it and what can be done, or, when nothing does, how to use it.

import { CheckButton } from "../doctor/check-button.tsx";
import type { LabSnapshot } from "../session/lab.ts";
import { Button } from "../ui/button.tsx";
import { useIsOnline } from "../ui/use-is-online.ts";
import { useNow } from "../ui/use-now.ts";
import { keyNames, namePasteKey } from "./key-command.ts";
import { describeSituation, refusedInput, type Situation } from "./situation.ts";
import { describeElsewhere, fullSentence } from "./terminal-sentences.ts";
import type { TerminalView } from "./terminal-set.ts";
import { useRecent } from "./use-recent.ts";
import styles from "./status-line.module.css";

const isTouch = window.matchMedia("(pointer: coarse)");
const REFUSAL_SHOWN_MS = 5_000;

type StatusLineProps = {
  snapshot: LabSnapshot;
  view: TerminalView;
  /** Counts the terminals that were asked for and refused, so that each can be explained. */
  addsRefused: number;
  /** This tab's size is to be the terminal's. */
  onTake: () => void;
  onHurry: () => void;
  onRestart: () => void;
};

export function StatusLine({ snapshot, view, addsRefused, onTake, onHurry, onRestart }: StatusLineProps) {
  const now = useNow(1_000);
  const isOnline = useIsOnline();
  const isInputRefused = useRecent(view.bells, REFUSAL_SHOWN_MS);
  const isAddRefused = useRecent(addsRefused, REFUSAL_SHOWN_MS);
  const refused = isInputRefused ? refusedInput : isAddRefused ? fullSentence : null;
  const { session, connection, roundTripMs } = snapshot;
  const situation = describeSituation({ session, connection, phase: view.phase, isOnline }, refused, now);
  const actions = { hurry: onHurry, restart: onRestart, reload: () => location.reload() };
  const isBrief = view.phase.name === "waiting" && situation?.tone === "neutral";
  const isRow = situation === null && view.isSizedElsewhere;
  return (
    <div
      className={styles["line"]}
      data-tone={situation?.tone ?? "quiet"}
      data-brief={isBrief}
      data-row={isRow || undefined}
    >
      {isRow ? (
        <button type="button" className={styles["elsewhere"]} onClick={onTake}>
          {describeElsewhere(isTouch.matches)}
        </button>
      ) : situation === null ? (
        <Hint roundTripMs={roundTripMs} />
      ) : (
        <Words {...situation} actions={actions} />
      )}
    </div>
  );
}

function Hint({ roundTripMs }: { roundTripMs: number | null }) {
  return (
    <>
      <p className={styles["words"]}>
        <span>
          <kbd>{namePasteKey(navigator.userAgent)}</kbd> pastes, <kbd>{keyNames.leave}</kbd> leaves the terminal
        </span>
      </p>
      {roundTripMs === null ? null : (
        <span title="How long a key takes to your container and back">{Math.max(1, Math.round(roundTripMs))} ms</span>
      )}
    </>
  );
}

type WordsProps = Situation & { actions: Record<"hurry" | "restart" | "reload", () => void> };

function Words({ text, note, action, isConnection, actions }: WordsProps) {
  return (
    <>
      <p className={styles["words"]}>
        <span className={styles["text"]}>{text}</span>
        {note === null ? null : <span>{note}</span>}
      </p>
      {isConnection ? <CheckButton isSmall /> : null}
      {action === null ? null : (
        <Button isSmall onClick={actions[action.does]}>
          {action.name}
        </Button>
      )}
    </>
  );
}
