// The keys that a phone's keyboard lacks, in a row above it; only touch screens show it.

import type { MouseEvent } from "react";
import type { SoftKey } from "./soft-key.ts";
import styles from "./key-row.module.css";

const before = [
  { key: "escape", face: "Esc", name: "Escape" },
  { key: "tab", face: "Tab", name: "Tab" },
] as const;
const after = [
  { key: "left", face: "←", name: "Left" },
  { key: "up", face: "↑", name: "Up" },
  { key: "down", face: "↓", name: "Down" },
  { key: "right", face: "→", name: "Right" },
  { key: "interrupt", face: "^C", name: "Ctrl-C: stop what runs" },
] as const;

type KeyRowProps = {
  hasControl: boolean;
  onControl: (isHeld: boolean) => void;
  onKey: (key: SoftKey) => void;
};

/** The terminal keeps the focus, and with it the phone its keyboard. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

export function KeyRow({ hasControl, onControl, onKey }: KeyRowProps) {
  const button = ({ key, face, name }: (typeof before)[number] | (typeof after)[number]) => (
    <button key={key} type="button" aria-label={name} onMouseDown={keepFocus} onClick={() => onKey(key)}>
      {face}
    </button>
  );
  return (
    <div className={styles["row"]} role="toolbar" aria-label="Terminal keys">
      {before.map(button)}
      <button
        type="button"
        aria-label="Ctrl for the next key"
        aria-pressed={hasControl}
        onMouseDown={keepFocus}
        onClick={() => onControl(!hasControl)}
      >
        Ctrl
      </button>
      {after.map(button)}
    </div>
  );
}
