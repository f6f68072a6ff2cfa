// The bar over the terminal: its title or what stands between it and the learner, and its tools.

import Accessibility from "lucide-react/icons/accessibility";
import AArrowDown from "lucide-react/icons/a-arrow-down";
import AArrowUp from "lucide-react/icons/a-arrow-up";
import type { ReactNode, RefObject } from "react";
import type { LabSnapshot } from "../session/lab.ts";
import { describeStatus } from "../session/session-sentences.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { useNow } from "../ui/use-now.ts";
import { keyNames } from "./key-command.ts";
import { fontSizes } from "./terminal-appearance.ts";
import styles from "./terminal-bar.module.css";
import { describeExit } from "./terminal-sentences.ts";
import { useRecent } from "./use-recent.ts";

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
  const { tools, fontSize, onFontSize, isScreenReader, onScreenReader } = props;
  return (
    <div className={styles["bar"]}>
      <div className={styles["situation"]}>
        <Situation {...props} />
      </div>
      <div className={styles["tools"]} ref={tools} role="group" aria-label="Terminal settings">
        <span className={styles["hint"]}>
          <kbd>{keyNames.leave}</kbd> leaves the terminal
        </span>
        <IconButton label="Smaller text" disabled={fontSize <= fontSizes.min} onClick={() => onFontSize(fontSize - 1)}>
          <AArrowDown aria-hidden="true" />
        </IconButton>
        <IconButton label="Larger text" disabled={fontSize >= fontSizes.max} onClick={() => onFontSize(fontSize + 1)}>
          <AArrowUp aria-hidden="true" />
        </IconButton>
        <IconButton label="Screen reader mode" isPressed={isScreenReader} onClick={() => onScreenReader(!isScreenReader)}>
          <Accessibility aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

function Situation({ title, snapshot, isOver, onRestart, onHurry }: TerminalBarProps) {
  const now = useNow(1_000);
  const hasRung = useRecent(snapshot.bells, BELL_SHOWN_MS);
  const { phase, session, connection } = snapshot;
  if (isOver) return <span className={styles["title"]}>{title === "" ? "Terminal" : title}</span>;
  const status = describeStatus(session, connection, now);
  if (hasRung) return <Line tone="warning" text="Not typed: too much is waiting to be sent" />;
  if (status.tone === "warning" || status.tone === "bad") {
    return (
      <Line tone={status.tone} text={status.text}>
        {status.action === "retry_now" ? (
          <Button isSmall onClick={onHurry}>
            Retry now
          </Button>
        ) : null}
        {status.action === "reload" ? (
          <Button isSmall onClick={() => location.reload()}>
            Reload
          </Button>
        ) : null}
      </Line>
    );
  }
  if (phase.name === "exited") {
    return (
      <Line tone="neutral" text={`${describeExit(phase.exitCode)} Press Enter for a new shell.`}>
        <Button isSmall onClick={onRestart}>
          New shell
        </Button>
      </Line>
    );
  }
  if (phase.name === "failed") {
    return (
      <Line tone="bad" text={`No terminal: ${phase.message}`}>
        <Button isSmall onClick={onRestart}>
          Try again
        </Button>
      </Line>
    );
  }
  if (phase.name === "waiting") return <Line tone="neutral" text="Opening a shell" />;
  return <span className={styles["title"]}>{title === "" ? "Terminal" : title}</span>;
}

function Line({ tone, text, children }: { tone: "neutral" | "warning" | "bad"; text: string; children?: ReactNode }) {
  return (
    <>
      <span className={styles["line"]} data-tone={tone} title={text}>
        {text}
      </span>
      {children}
    </>
  );
}
