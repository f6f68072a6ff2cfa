// The terminals beside the task: their tabs and tools, the one that is shown, and those that draw on unseen.

import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { limits } from "#wire/limits.ts";
import type { Lab, LabSnapshot } from "../session/lab.ts";
import { useAnnounce } from "../ui/news.tsx";
import { keepSetting, readSetting } from "../ui/settings.ts";
import { useIsDark } from "../ui/theme.ts";
import type { Emulator } from "./emulator.ts";
import type { KeyCommand } from "./key-command.ts";
import { KeyRow } from "./key-row.tsx";
import { describeAppearance, fontSizes } from "./terminal-appearance.ts";
import type { TerminalSize } from "./terminal-event.ts";
import { TerminalScreen } from "./terminal-screen.tsx";
import { fullSentence } from "./terminal-sentences.ts";
import { TerminalTabs } from "./terminal-tabs.tsx";
import { TerminalTools } from "./terminal-tools.tsx";
import styles from "./terminal-pane.module.css";

type TerminalPaneProps = {
  lab: Lab;
  snapshot: LabSnapshot;
  isOver: boolean;
  /** Receives the way to type into the terminal that is shown, and null when it goes. */
  onTyper: (type: ((text: string) => void) | null) => void;
};

const usualSize: TerminalSize = { cols: 80, rows: 24 };

function readFontSize(): number {
  const kept = Number.parseInt(readSetting("terminal.font-size") ?? "", 10);
  return kept >= fontSizes.min && kept <= fontSizes.max ? kept : fontSizes.normal;
}

export function TerminalPane({ lab, snapshot, isOver, onTyper }: TerminalPaneProps) {
  const id = useId();
  const tabs = useRef<HTMLDivElement>(null);
  const emulators = useRef(new Map<number, Emulator>());
  const room = useRef(usualSize);
  /** The terminal that comes to be shown gets the keyboard; a touch screen's stays closed until it is asked for. */
  const mayFocus = useRef(window.matchMedia("(pointer: fine)").matches);
  const isDark = useIsDark();
  const [fontSize, setFontSize] = useState(readFontSize);
  const [isScreenReader, setIsScreenReader] = useState(() => readSetting("terminal.screen-reader") === "on");
  const [isPredicting, setIsPredicting] = useState(() => readSetting("terminal.prediction") !== "off");
  const [hasControl, setHasControl] = useState(false);
  /** An ended terminal that nobody has looked at is not attached: that would start a new shell in it. */
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set());
  const [addsRefused, setAddsRefused] = useState(0);
  const announce = useAnnounce();
  const { terminals } = lab;
  const { views, selected } = snapshot.terminals;
  const appearance = useMemo(
    () => describeAppearance(isDark, fontSize, isScreenReader),
    [isDark, fontSize, isScreenReader],
  );
  const idOf = useCallback((part: "tab" | "panel", terminal: number) => `${id}-${part}-${terminal}`, [id]);
  if (!seen.has(selected)) setSeen(new Set([...seen, selected]));

  const shown = useCallback(() => emulators.current.get(terminals.snapshot.selected), [terminals]);

  useEffect(() => {
    onTyper((text) => {
      shown()?.type(text);
      shown()?.focus();
    });
    return () => onTyper(null);
  }, [onTyper, shown]);

  useEffect(() => {
    if (mayFocus.current) emulators.current.get(selected)?.focus();
    mayFocus.current = false;
  }, [selected]);

  const enter = useCallback(() => {
    shown()?.focus();
    // One that is not shown yet cannot have the keyboard.
    const panel = document.getElementById(idOf("panel", terminals.snapshot.selected));
    mayFocus.current = panel?.contains(document.activeElement) !== true;
  }, [shown, idOf, terminals]);

  /** False: there are as many as can be, which is said. */
  const add = useCallback((): boolean => {
    const isFull = terminals.snapshot.views.length >= limits.terminalsPerSession;
    if (isFull) {
      setAddsRefused((count) => count + 1);
      announce(fullSentence);
    } else terminals.add();
    return !isFull;
  }, [terminals, announce]);

  const command = useCallback(
    (name: Exclude<KeyCommand, "copy" | "paste">) => {
      mayFocus.current = name !== "leave";
      if (name === "leave") tabs.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
      else if (name === "add") add();
      else terminals.step(name === "next" ? 1 : -1);
    },
    [terminals, add],
  );

  const keepEmulator = useCallback((terminal: number, emulator: Emulator | null) => {
    if (emulator === null) emulators.current.delete(terminal);
    else emulators.current.set(terminal, emulator);
  }, []);

  return (
    <div className={styles["pane"]}>
      <div className={styles["bar"]}>
        <TerminalTabs
          terminals={terminals}
          snapshot={snapshot.terminals}
          tabs={tabs}
          idOf={idOf}
          isOver={isOver}
          onAdd={add}
          onEnter={enter}
        />
        <TerminalTools
          fontSize={fontSize}
          onFontSize={(next) => {
            setFontSize(next);
            keepSetting("terminal.font-size", String(next));
          }}
          isScreenReader={isScreenReader}
          onScreenReader={(next) => {
            setIsScreenReader(next);
            keepSetting("terminal.screen-reader", next ? "on" : "off");
          }}
          isPredicting={isPredicting}
          roundTripMs={snapshot.roundTripMs}
          onPredicting={(next) => {
            setIsPredicting(next);
            keepSetting("terminal.prediction", next ? "on" : "off");
          }}
        />
      </div>
      {views
        .filter(({ terminal, hasExited }) => !hasExited || seen.has(terminal))
        .map((view) => (
          <TerminalScreen
            key={view.terminal}
            lab={lab}
            snapshot={snapshot}
            view={view}
            isSelected={view.terminal === selected}
            isOver={isOver}
            addsRefused={addsRefused}
            isPredicting={isPredicting}
            appearance={appearance}
            room={room}
            panelId={idOf("panel", view.terminal)}
            tabId={idOf("tab", view.terminal)}
            onEmulator={keepEmulator}
            onControl={setHasControl}
            onCommand={command}
          />
        ))}
      {isOver ? null : (
        <KeyRow
          hasControl={hasControl}
          onControl={(isHeld) => shown()?.holdControl(isHeld)}
          onKey={(key) => shown()?.press(key)}
        />
      )}
    </div>
  );
}
