// Replays a recording as a learner far away sees it: an unopened emulator, the engine, and a clock that only the events move.

import { createRequire } from "node:module";
import type * as Xterm from "@xterm/xterm";
import { PredictionEngine } from "../../../web/prediction/prediction-engine.ts";
import { readPromptMark } from "../../../web/prediction/prompt-marks.ts";
import { EchoScreen } from "../../../web/terminal/echo-screen.ts";
import { type RecordedEvent, recordedInstance, type Recording } from "./recording.ts";

// The package's entry for Node is a bundle whose names an import cannot see.
const { Terminal } = createRequire(import.meta.url)("@xterm/xterm") as typeof Xterm;

/** What a learner has before them: rows without trailing blanks, and the cursor. */
export type View = { rows: string[]; cursor: string };

export class Seat {
  readonly engine: PredictionEngine;
  readonly #terminal;
  readonly #screen: EchoScreen;
  nowMs = 0;
  /** What is drawn is from before. */
  isReplaying = false;

  constructor({ cols, rows }: Pick<Recording, "cols" | "rows">) {
    this.#terminal = new Terminal({ cols, rows, allowProposedApi: true });
    this.#screen = new EchoScreen(this.#terminal);
    this.engine = new PredictionEngine(this.#screen);
    this.#terminal.parser.registerOscHandler(133, (content) => {
      const mark = readPromptMark(content, recordedInstance);
      if (mark !== null) this.engine.marked(mark, this.nowMs, this.isReplaying);
      return true;
    });
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  async draw(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#terminal.write(bytes, resolve));
    this.engine.drawn(this.nowMs);
  }

  /** The screen, with the predictions over it. */
  get view(): View {
    const { cells, cursor } = this.engine.overlay;
    const { active } = this.#terminal.buffer;
    const { cols } = this.#terminal;
    const rows = Array.from({ length: this.#terminal.rows }, (_, row) =>
      Array.from({ length: cols }, (_, col) => {
        const cell = active.getLine(active.baseY + row)?.getCell(col);
        return cell === undefined || (cell.getChars() === "" && cell.getWidth() === 1) ? " " : cell.getChars();
      }),
    );
    for (const { row, col, text } of cells) rows[this.#screen.screenRowOf(row)]?.splice(col, 1, text);
    const { row, col } = cursor ?? this.#screen.cursor;
    const at = this.#screen.screenRowOf(row);
    return { rows: rows.map((row) => row.join("").trimEnd()), cursor: col === cols ? `${at + 1}:0` : `${at}:${col}` };
  }
}

/** Output this close to the first after a key is its answer. */
const ANSWER_MS = 30;

/** The view when each input was answered, or when the next came: what a prediction must foretell. */
export async function viewAnswers(recording: Recording): Promise<View[]> {
  const seat = new Seat(recording);
  const views: View[] = [];
  let inputs = 0;
  let answeredAtMs: number | null = null;
  for (const event of recording.events) {
    const isLater = answeredAtMs !== null && event.atMs > answeredAtMs + ANSWER_MS;
    if (inputs > views.length && (event.kind !== "out" || isLater)) views.push(seat.view);
    if (event.kind === "out") {
      answeredAtMs ??= event.atMs;
      await seat.draw(event.bytes);
    } else {
      answeredAtMs = null;
      inputs += 1;
    }
  }
  views.push(seat.view);
  seat.dispose();
  return views;
}

export type ReplayOptions = {
  roundTripMs: number;
  /** What the output becomes on its way. */
  travel?: (events: readonly RecordedEvent[]) => RecordedEvent[];
  isEnabled?: boolean;
  /** After each event, with the number of the input it is. */
  seen?: (seat: Seat, event: RecordedEvent, input: number) => void;
};

export async function replay(
  recording: Recording,
  { roundTripMs, travel, isEnabled = true, seen }: ReplayOptions,
): Promise<View> {
  const seat = new Seat(recording);
  seat.engine.roundTripMs = roundTripMs;
  seat.engine.isEnabled = isEnabled;
  const typed = recording.events.filter(({ kind }) => kind !== "out");
  const output = recording.events
    .filter(({ kind }) => kind === "out")
    .map((event) => ({ ...event, atMs: event.atMs + roundTripMs }));
  const events = [...typed, ...(travel?.(output) ?? output)].sort((a, b) => a.atMs - b.atMs);
  let input = -1;
  for (const event of events) {
    for (
      let { deadlineMs } = seat.engine;
      deadlineMs !== null && deadlineMs <= event.atMs;
      { deadlineMs } = seat.engine
    ) {
      seat.nowMs = deadlineMs;
      seat.engine.tick(seat.nowMs);
    }
    seat.nowMs = event.atMs;
    if (event.kind === "out") await seat.draw(event.bytes);
    else {
      input += 1;
      seat.engine.typed(event.bytes, seat.nowMs);
    }
    seen?.(seat, event, input);
  }
  if (seat.engine.deadlineMs !== null) seat.engine.tick(seat.engine.deadlineMs);
  const { view } = seat;
  seat.dispose();
  return view;
}
