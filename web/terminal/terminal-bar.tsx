// The bar over the terminal: its title or what stands between it and the learner, and its tools.

import AArrowDown from "lucide-react/icons/a-arrow-down";
import AArrowUp from "lucide-react/icons/a-arrow-up";
import Accessibility from "lucide-react/icons/accessibility";
import type { RefObject } from "react";
import type { LabSnapshot } from "../session/lab.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { useNow } from "../ui/use-now.ts";
import { keyNames, namePasteKey } from "./key-command.ts";
import { describeSituation, type Situation } from "./situation.ts";
import { fontSizes } from "./terminal-appearance.ts";
import { useRecent } from "./use-recent.ts";
import styles from "./terminal-bar.module.css";

type TerminalBarProps = {
  tools: RefObject<HTMLDivElement | null>;
  title: string;
  snapshot: LabSnapshot;
  isOver: boolean;
  fontSize: number;
  onFontSize: (size: number) => void;
  isScreenReader: boolean;
  onScreenReader: (isOn: boolean) => void;
  onRestart: () => void;
  onHurry: () => void;
};

const BELL_SHOWN_MS = 4_000;

export function TerminalBar(props: TerminalBarProps) {
  const { tools, title, snapshot, isOver, onRestart, onHurry } = props;
  const { fontSize, onFontSize, isScreenReader, onScreenReader } = props;
  const now = useNow(1_000);
  const hasRung = useRecent(snapshot.bells, BELL_SHOWN_MS);
  const situation = isOver ? null : describeSituation(snapshot, hasRung, now);
  const actions = { hurry: onHurry, restart: onRestart, reload: () => location.reload() };
  return (
    <div className={styles["bar"]}>
      <div className={styles["situation"]}>
        {situation === null ? (
          <span className={styles["title"]}>{title === "" ? "Terminal" : title}</span>
        ) : (
          <Line {...situation} actions={actions} />
        )}
      </div>
      <div className={styles["tools"]} ref={tools} role="toolbar" aria-label="Terminal settings">
        {situation === null && !isOver ? (
          <span className={styles["hint"]}>
            <kbd>{namePasteKey(navigator.userAgent)}</kbd> pastes, <kbd>{keyNames.leave}</kbd> leaves the terminal
          </span>
        ) : null}
        <IconButton label="Smaller text" disabled={fontSize <= fontSizes.min} onClick={() => onFontSize(fontSize - 1)}>
          <AArrowDown aria-hidden="true" />
        </IconButton>
        <IconButton label="Larger text" disabled={fontSize >= fontSizes.max} onClick={() => onFontSize(fontSize + 1)}>
          <AArrowUp aria-hidden="true" />
        </IconButton>
        <IconButton
          label="Screen reader mode"
          isPressed={isScreenReader}
          onClick={() => onScreenReader(!isScreenReader)}
        >
          <Accessibility aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

type LineProps = Situation & { actions: Record<"hurry" | "restart" | "reload", () => void> };

function Line({ tone, text, note, action, actions }: LineProps) {
  return (
    <>
      <span className={styles["words"]}>
        <span className={styles["line"]} data-tone={tone} title={text}>
          {text}
        </span>
        {note === null ? null : <span className={styles["note"]}>{note}</span>}
      </span>
      {action === null ? null : (
        <Button isSmall onClick={actions[action.does]}>
          {action.name}
        </Button>
      )}
    </>
  );
}
