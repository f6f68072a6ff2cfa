// Two panes side by side with a divider for pointer and keyboard; on a narrow page, the same two behind tabs.

import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useRef, useState } from "react";
import { keepSetting, readSetting } from "./settings.ts";
import { useIsNarrow } from "./use-is-narrow.ts";
import styles from "./split-panes.module.css";

const PERCENT = { min: 20, normal: 38, max: 75, step: 2 } as const;

type Side = "start" | "end";
type Pane = { title: string; content: ReactNode };

function clamp(percent: number): number {
  return Math.min(PERCENT.max, Math.max(PERCENT.min, Math.round(percent * 10) / 10));
}

function readPercent(): number {
  const kept = Number.parseFloat(readSetting("split") ?? "");
  return Number.isFinite(kept) ? clamp(kept) : PERCENT.normal;
}

type SplitPanesProps = { start: Pane; end: Pane; shown: Side; onShow: (side: Side) => void };

export function SplitPanes({ start, end, shown, onShow }: SplitPanesProps) {
  const id = useId();
  const isNarrow = useIsNarrow();
  const frame = useRef<HTMLDivElement>(null);
  const [percent, setPercent] = useState(readPercent);

  function place(next: number): void {
    setPercent(clamp(next));
    keepSetting("split", String(clamp(next)));
  }

  function drag(event: PointerEvent): void {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    place(((event.clientX - box.left) / box.width) * 100);
  }

  function press(event: KeyboardEvent): void {
    const next = {
      ArrowLeft: percent - PERCENT.step,
      ArrowRight: percent + PERCENT.step,
      Home: PERCENT.min,
      End: PERCENT.max,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    place(next);
  }

  const pane = (side: Side, { title, content }: Pane) => (
    <section
      className={styles["pane"]}
      id={`${id}-${side}`}
      hidden={isNarrow && shown !== side}
      {...(isNarrow ? { role: "tabpanel", "aria-labelledby": `${id}-${side}-tab` } : { "aria-label": title })}
    >
      {content}
    </section>
  );

  return (
    <div
      className={styles["frame"]}
      ref={frame}
      style={
        isNarrow ? undefined : { gridTemplateColumns: `minmax(0, ${percent}fr) auto minmax(0, ${100 - percent}fr)` }
      }
    >
      {isNarrow ? <Tabs id={id} start={start} end={end} shown={shown} onShow={onShow} /> : null}
      {pane("start", start)}
      {isNarrow ? null : (
        <div
          className={styles["divider"]}
          role="separator"
          aria-orientation="vertical"
          aria-label={`Width of ${start.title.toLowerCase()}`}
          aria-controls={`${id}-start`}
          aria-valuenow={Math.round(percent)}
          aria-valuemin={PERCENT.min}
          aria-valuemax={PERCENT.max}
          tabIndex={0}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
          onDoubleClick={() => place(PERCENT.normal)}
          onKeyDown={press}
        />
      )}
      {pane("end", end)}
    </div>
  );
}

function Tabs({ id, start, end, shown, onShow }: SplitPanesProps & { id: string }) {
  const tab = (side: Side, { title }: Pane) => (
    <button
      type="button"
      role="tab"
      id={`${id}-${side}-tab`}
      aria-controls={`${id}-${side}`}
      aria-selected={shown === side}
      tabIndex={shown === side ? 0 : -1}
      onClick={() => onShow(side)}
    >
      {title}
    </button>
  );
  function press(event: KeyboardEvent): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const next = shown === "start" ? "end" : "start";
    onShow(next);
    document.getElementById(`${id}-${next}-tab`)?.focus();
  }
  return (
    <div className={styles["tabs"]} role="tablist" onKeyDown={press}>
      {tab("start", start)}
      {tab("end", end)}
    </div>
  );
}
