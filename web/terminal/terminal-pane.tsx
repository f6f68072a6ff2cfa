// The terminal beside the task: the emulator on its place, the bar over it, and what cannot be said inside it.

import { useEffect, useMemo, useRef, useState } from "react";
import type { Lab, LabSnapshot } from "../session/lab.ts";
import { useCopyText } from "../ui/copy-text.ts";
import { useAnnounce } from "../ui/news.tsx";
import { keepSetting, readSetting } from "../ui/settings.ts";
import { useIsDark } from "../ui/theme.ts";
import { Emulator } from "./emulator.ts";
import { KeyRow } from "./key-row.tsx";
import { describeAppearance, fontSizes } from "./terminal-appearance.ts";
import { TerminalBar } from "./terminal-bar.tsx";
import type { TerminalLink } from "./terminal-link.ts";
import { announcePhase } from "./terminal-sentences.ts";
import { UnsentNotice } from "./unsent-notice.tsx";
import styles from "./terminal-pane.module.css";

type TerminalPaneProps = {
  lab: Lab;
  snapshot: LabSnapshot;
  isOver: boolean;
  /** Receives the way to type into this terminal, and null when it goes. */
  onTyper: (type: ((text: string) => void) | null) => void;
};

function readFontSize(): number {
  const kept = Number.parseInt(readSetting("terminal.font-size") ?? "", 10);
  return kept >= fontSizes.min && kept <= fontSizes.max ? kept : fontSizes.normal;
}

export function TerminalPane({ lab, snapshot, isOver, onTyper }: TerminalPaneProps) {
  const place = useRef<HTMLDivElement>(null);
  const tools = useRef<HTMLDivElement>(null);
  const emulator = useRef<Emulator | null>(null);
  const link = useRef<TerminalLink | null>(null);
  const announce = useAnnounce();
  const copyText = useCopyText();
  const isDark = useIsDark();
  const [fontSize, setFontSize] = useState(readFontSize);
  const [isScreenReader, setIsScreenReader] = useState(() => readSetting("terminal.screen-reader") === "on");
  const [title, setTitle] = useState("");
  const [hasControl, setHasControl] = useState(false);
  const appearance = useMemo(
    () => describeAppearance(isDark, fontSize, isScreenReader),
    [isDark, fontSize, isScreenReader],
  );
  const firstAppearance = useRef(appearance);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const opened = new Emulator(element, firstAppearance.current, {
      typed: (bytes) => link.current?.apply({ type: "typed", bytes }),
      answered: (bytes, isReplay) => link.current?.apply({ type: "answered", bytes, isReplay }),
      resized: (cols, rows) => link.current?.apply({ type: "resized", cols, rows }),
      titled: setTitle,
      controlHeld: setHasControl,
      commanded: (command) => {
        if (command === "leave") tools.current?.querySelector("button")?.focus();
        if (command === "copy") void copyText(opened.selection).then(() => opened.focus());
      },
    });
    const attached = lab.attach(opened);
    emulator.current = opened;
    link.current = attached;
    onTyper((text) => {
      opened.type(text);
      opened.focus();
    });
    if (window.matchMedia("(pointer: fine)").matches) opened.focus();
    return () => {
      onTyper(null);
      link.current = null;
      emulator.current = null;
      lab.detach(attached);
      opened.dispose();
    };
  }, [lab, onTyper, copyText]);

  useEffect(() => emulator.current?.look(appearance), [appearance]);

  const { phase } = snapshot;
  useEffect(() => {
    const news = announcePhase(phase);
    if (news !== null) announce(news);
  }, [phase, announce]);

  function chooseFontSize(next: number): void {
    setFontSize(next);
    keepSetting("terminal.font-size", String(next));
  }

  function chooseScreenReader(next: boolean): void {
    setIsScreenReader(next);
    keepSetting("terminal.screen-reader", next ? "on" : "off");
  }

  return (
    <div className={styles["pane"]} data-over={isOver}>
      <TerminalBar
        tools={tools}
        title={title}
        snapshot={snapshot}
        isOver={isOver}
        fontSize={fontSize}
        onFontSize={chooseFontSize}
        isScreenReader={isScreenReader}
        onScreenReader={chooseScreenReader}
        onRestart={() => {
          link.current?.apply({ type: "restart" });
          emulator.current?.focus();
        }}
        onHurry={() => {
          lab.hurry();
          emulator.current?.focus();
        }}
      />
      {snapshot.unsent === null ? null : <UnsentNotice text={snapshot.unsent} onDismiss={() => lab.dismissUnsent()} />}
      <div className={styles["frame"]}>
        <div className={styles["place"]} ref={place} data-testid="terminal" />
      </div>
      {isOver ? null : (
        <KeyRow
          hasControl={hasControl}
          onControl={(isHeld) => emulator.current?.holdControl(isHeld)}
          onKey={(key) => emulator.current?.press(key)}
        />
      )}
    </div>
  );
}
