// Shows what a start is doing: one line per step, redrawn in place on a terminal, plain lines elsewhere.

import { styleText } from "node:util";

export interface Screen {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
}

export type Say = (note: string) => void;

interface RunningStep {
  readonly startedAt: number;
  note: string;
}

const REDRAW_MS = 120;
const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const NAME_COLUMNS = 12;
/** Without a terminal a long step says that it is still going. */
const PLAIN_EVERY_MS = 10_000;
const SHOW_SECONDS_FROM_MS = 1_000;

export class Progress {
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #running = new Map<string, RunningStep>();
  #ticker: NodeJS.Timeout | null = null;
  #drawnLines = 0;
  #frame = 0;

  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  /** Runs a step and shows it; what it returns as text is its outcome. Steps may run beside each other. */
  async step<Result extends string | { outcome: string }>(
    name: string,
    work: (say: Say) => Promise<Result>,
  ): Promise<Result> {
    const step: RunningStep = { startedAt: this.#now(), note: "" };
    this.#running.set(name, step);
    this.#startTicking();
    try {
      const result = await work((note) => this.#sayNote(name, step, note));
      this.#finish(name, step, styleText("green", "✓"), typeof result === "string" ? result : result.outcome);
      return result;
    } catch (error) {
      this.#finish(name, step, styleText("red", "✗"), "failed");
      throw error;
    }
  }

  /** Whatever runs now is being cut short: what it says from here on, and that it failed, is not news. */
  abandon(): void {
    this.#erase();
    this.#running.clear();
    this.#stopTicking();
  }

  line(text: string): void {
    this.#erase();
    this.#screen.write(`${text}\n`);
    this.#draw();
  }

  #sayNote(name: string, step: RunningStep, note: string): void {
    if (step.note === note || this.#running.get(name) !== step) return;
    step.note = note;
    if (this.#screen.isTTY) this.#redraw();
    else this.#screen.write(`  - ${name}: ${note}\n`);
  }

  #finish(name: string, step: RunningStep, mark: string, outcome: string): void {
    if (this.#running.get(name) !== step) return;
    this.#running.delete(name);
    if (this.#running.size === 0) this.#stopTicking();
    const took = this.#seconds(step);
    this.line(`  ${mark} ${name.padEnd(NAME_COLUMNS)} ${outcome}${took === "" ? "" : styleText("dim", `  ${took}`)}`);
  }

  #startTicking(): void {
    if (this.#screen.isTTY) this.#redraw();
    this.#ticker ??= setInterval(() => this.#tick(), this.#screen.isTTY ? REDRAW_MS : PLAIN_EVERY_MS);
  }

  #stopTicking(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
  }

  #tick(): void {
    this.#frame++;
    if (this.#screen.isTTY) {
      this.#redraw();
      return;
    }
    for (const [name, step] of this.#running) {
      const took = this.#seconds(step);
      if (took !== "")
        this.#screen.write(`  - ${name}: ${[step.note, took].filter((part) => part !== "").join(", ")}\n`);
    }
  }

  #redraw(): void {
    this.#erase();
    this.#draw();
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\u001b[${this.#drawnLines}A\u001b[J`);
    this.#drawnLines = 0;
  }

  #draw(): void {
    if (!this.#screen.isTTY) return;
    for (const [name, step] of this.#running) {
      const text = `  ${FRAMES[this.#frame % FRAMES.length]} ${name.padEnd(NAME_COLUMNS)} ${step.note} ${this.#seconds(step)}`;
      this.#screen.write(`${text.trimEnd().slice(0, this.#screen.columns - 1)}\n`);
      this.#drawnLines++;
    }
  }

  #seconds({ startedAt }: RunningStep): string {
    const tookMs = this.#now() - startedAt;
    return tookMs < SHOW_SECONDS_FROM_MS ? "" : `${(tookMs / 1000).toFixed(1)} s`;
  }
}
