// One terminal on its place: its emulator, the line over it, and what cannot be said inside it.

import { type RefObject, useEffect, useRef } from "react";
import type { Lab, LabSnapshot } from "../session/lab.ts";
import { useCopyText } from "../ui/copy-text.ts";
import { useAnnounce } from "../ui/news.tsx";
import { Emulator } from "./emulator.ts";
import type { KeyCommand } from "./key-command.ts";
import { StatusLine } from "./status-line.tsx";
import type { TerminalAppearance } from "./terminal-appearance.ts";
import type { TerminalSize } from "./terminal-event.ts";
import type { TerminalLink } from "./terminal-link.ts";
import { announcePhase } from "./terminal-sentences.ts";
import type { TerminalView } from "./terminal-set.ts";
import { UnsentNotice } from "./unsent-notice.tsx";
import styles from "./terminal-screen.module.css";

type TerminalScreenProps = {
  lab: Lab;
  snapshot: LabSnapshot;
  view: TerminalView;
  isSelected: boolean;
  isOver: boolean;
  addsRefused: number;
  /** Typing may be drawn before its echo. */
  isPredicting: boolean;
  appearance: TerminalAppearance;
  /** The size that a terminal of this pane has room for, as far as is known; kept up to date. */
  room: RefObject<TerminalSize>;
  panelId: string;
  tabId: string;
  /** Receives the emulator, and null when it goes. */
  onEmulator: (terminal: number, emulator: Emulator | null) => void;
  onControl: (isHeld: boolean) => void;
  onCommand: (command: Exclude<KeyCommand, "copy" | "paste">) => void;
};

export function TerminalScreen(props: TerminalScreenProps) {
  const { lab, snapshot, view, isSelected, isOver, isPredicting, appearance, room, panelId, tabId } = props;
  const { terminal, phase } = view;
  const place = useRef<HTMLDivElement>(null);
  const emulator = useRef<Emulator | null>(null);
  const link = useRef<TerminalLink | null>(null);
  const announce = useAnnounce();
  const copyText = useCopyText();
  const firstAppearance = useRef(appearance);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const opened = new Emulator(element, firstAppearance.current, room.current, {
      typed: (bytes) => link.current?.apply({ type: "typed", bytes }),
      answered: (bytes, isReplay) => link.current?.apply({ type: "answered", bytes, isReplay }),
      fitted: (size) => {
        room.current = size;
        link.current?.apply({ type: "fitted", ...size });
      },
      touched: () => link.current?.apply({ type: "touched" }),
      titled: (title) => lab.terminals.name(terminal, title),
      controlHeld: (isHeld) => latest.current.onControl(isHeld),
      commanded: (command) => {
        if (command === "copy") void copyText(opened.selection).then(() => opened.focus());
        else if (command !== "paste") latest.current.onCommand(command);
      },
    });
    const attached = lab.terminals.attach(terminal, opened);
    emulator.current = opened;
    link.current = attached;
    latest.current.onEmulator(terminal, opened);
    return () => {
      latest.current.onEmulator(terminal, null);
      link.current = null;
      emulator.current = null;
      lab.terminals.detach(attached);
      opened.dispose();
    };
  }, [lab, terminal, copyText, room]);

  useEffect(() => emulator.current?.look(appearance), [appearance]);
  useEffect(() => emulator.current?.show(isSelected), [isSelected]);

  const { roundTripMs } = snapshot;
  useEffect(() => emulator.current?.echo.tune(isPredicting, roundTripMs), [isPredicting, roundTripMs]);

  useEffect(() => {
    const news = latest.current.isSelected ? announcePhase(terminal, phase) : null;
    if (news !== null) announce(news);
  }, [terminal, phase, announce]);

  const focus = (): void => emulator.current?.focus();
  return (
    <div className={styles["panel"]} role="tabpanel" id={panelId} aria-labelledby={tabId} hidden={!isSelected}>
      {view.unsent === null ? null : (
        <UnsentNotice text={view.unsent} onDismiss={() => lab.terminals.dismissUnsent(terminal)} />
      )}
      <div className={styles["frame"]}>
        <div
          className={styles["place"]}
          ref={place}
          data-testid="terminal"
          data-elsewhere={view.isSizedElsewhere}
          data-over={isOver}
        />
      </div>
      {isOver ? null : (
        <StatusLine
          snapshot={snapshot}
          view={view}
          addsRefused={props.addsRefused}
          onTake={() => {
            link.current?.apply({ type: "touched" });
            focus();
          }}
          onRestart={() => {
            link.current?.apply({ type: "restart" });
            focus();
          }}
          onHurry={() => {
            lab.hurry();
            focus();
          }}
        />
      )}
    </div>
  );
}
