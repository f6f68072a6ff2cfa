// The session's terminals as tabs: which there are, which one is shown, which wrote meanwhile; a new one, and the end of one.

import CircleOff from "lucide-react/icons/circle-off";
import Plus from "lucide-react/icons/plus";
import X from "lucide-react/icons/x";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { limits } from "#wire/limits.ts";
import { IconButton } from "../ui/button.tsx";
import { useAnnounce } from "../ui/news.tsx";
import { EndTerminalDialog } from "./end-terminal-dialog.tsx";
import { keyNames } from "./key-command.ts";
import { fullSentence, nameTerminal } from "./terminal-sentences.ts";
import type { TerminalSet, TerminalsSnapshot, TerminalView } from "./terminal-set.ts";
import styles from "./terminal-tabs.module.css";

type TerminalTabsProps = {
  terminals: TerminalSet;
  snapshot: TerminalsSnapshot;
  /** Where the keyboard goes when it leaves the terminal. */
  tabs: RefObject<HTMLDivElement | null>;
  idOf: (part: "tab" | "panel", terminal: number) => string;
  isOver: boolean;
  /** False: there cannot be another. */
  onAdd: () => boolean;
  /** The terminal that is selected now gets the keyboard. */
  onEnter: () => void;
};

export function TerminalTabs({ terminals, snapshot, tabs, idOf, isOver, onAdd, onEnter }: TerminalTabsProps) {
  const { views, selected } = snapshot;
  const announce = useAnnounce();
  const [ending, setEnding] = useState<TerminalView | null>(null);
  const isFull = views.length >= limits.terminalsPerSession;

  // The strip's width comes late where it is made unseen, as on a phone that shows the task.
  useEffect(() => {
    const observer = new ResizeObserver(() =>
      document
        .getElementById(idOf("tab", selected))
        ?.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" }),
    );
    if (tabs.current !== null) observer.observe(tabs.current);
    return () => observer.disconnect();
  }, [idOf, selected, tabs]);

  function end(view: TerminalView): void {
    terminals.end(view.terminal);
    setEnding(null);
    announce(`${nameTerminal(view.terminal)} closed.`);
    onEnter();
  }

  function ask(view: TerminalView): void {
    if (views.length === 1 || isOver || view.phase.name === "waiting") return;
    if (view.phase.name === "attached") setEnding(view);
    else end(view);
  }

  function press(event: KeyboardEvent): void {
    const shown = views.find(({ terminal }) => terminal === selected);
    const next = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const edge = { Home: views[0], End: views.at(-1) }[event.key];
    if (next !== undefined) terminals.step(next);
    else if (edge !== undefined) terminals.select(edge.terminal);
    else if (event.key === "Delete" && shown !== undefined) ask(shown);
    else return;
    event.preventDefault();
    const { snapshot: after } = terminals;
    document.getElementById(idOf("tab", after.selected))?.focus();
  }

  function add(): void {
    if (onAdd()) onEnter();
  }

  return (
    <div className={styles["strip"]}>
      <div className={styles["tabs"]} ref={tabs} role="tablist" aria-label="Terminals" onKeyDown={press}>
        {views.map((view) => (
          <Tab
            key={view.terminal}
            view={view}
            isSelected={view.terminal === selected}
            tabId={idOf("tab", view.terminal)}
            panelId={idOf("panel", view.terminal)}
            onSelect={() => {
              terminals.select(view.terminal);
              onEnter();
            }}
            onClose={views.length === 1 || isOver ? null : () => ask(view)}
          />
        ))}
      </div>
      {isOver ? null : (
        <IconButton
          label={isFull ? fullSentence : `New terminal (${keyNames.add})`}
          aria-disabled={isFull || undefined}
          // One that does nothing leaves the focus where it is.
          onMouseDown={isFull ? (event) => event.preventDefault() : undefined}
          onClick={add}
        >
          <Plus aria-hidden="true" />
        </IconButton>
      )}
      <EndTerminalDialog
        terminal={ending?.terminal ?? null}
        onClose={() => setEnding(null)}
        onEnd={() => (ending === null ? undefined : end(ending))}
      />
    </div>
  );
}

/** A narrow tab shows the number alone. */
function UntitledName({ name }: { name: string }) {
  const [word, number] = name.split(" ");
  return (
    <>
      <span className={styles["word"]}>{word} </span>
      {number}
    </>
  );
}

type TabProps = {
  view: TerminalView;
  isSelected: boolean;
  tabId: string;
  panelId: string;
  onSelect: () => void;
  /** Null: it cannot be closed. */
  onClose: (() => void) | null;
};

function Tab({ view, isSelected, tabId, panelId, onSelect, onClose }: TabProps) {
  const { terminal, title, hasExited, hasNews } = view;
  const name = nameTerminal(terminal);
  const state = [hasExited ? "exited" : "", hasNews ? "has new output" : ""].filter((word) => word !== "");
  const spoken = [name, title, ...state].filter((word) => word !== "").join(", ");
  return (
    <div className={styles["tab"]} role="presentation" data-selected={isSelected} data-exited={hasExited}>
      <button
        type="button"
        role="tab"
        id={tabId}
        aria-controls={panelId}
        aria-selected={isSelected}
        aria-label={spoken}
        aria-keyshortcuts={onClose === null ? undefined : "Delete"}
        tabIndex={isSelected ? 0 : -1}
        title={title === "" ? name : `${name}: ${title}`}
        onClick={onSelect}
        onAuxClick={(event) => (event.button === 1 ? onClose?.() : undefined)}
      >
        {hasExited ? <CircleOff className={styles["sign"]} aria-hidden="true" /> : null}
        {title === "" ? null : <span className={styles["number"]}>{terminal + 1}</span>}
        <span className={styles["title"]}>{title === "" ? <UntitledName name={name} /> : title}</span>
        {hasNews ? <span className={styles["news"]} data-testid="news" /> : null}
      </button>
      {onClose === null ? null : (
        <button
          type="button"
          className={styles["close"]}
          tabIndex={-1}
          aria-label={`Close ${name}`}
          title={`Close ${name}`}
          disabled={view.phase.name === "waiting"}
          onClick={onClose}
        >
          <X aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
