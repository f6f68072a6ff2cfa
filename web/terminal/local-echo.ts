// Predictive echo of one terminal: tells the engine what was typed and drawn, and keeps its overlay and its one timer.

import type { Terminal } from "@xterm/xterm";
import { emptyOverlay } from "../prediction/overlay.ts";
import { PredictionEngine } from "../prediction/prediction-engine.ts";
import { readPromptMark } from "../prediction/prompt-marks.ts";
import type { AnswerWatch } from "./answer-watch.ts";
import { EchoScreen } from "./echo-screen.ts";

const PROMPT_MARKS_OSC = 133;

export class LocalEcho {
  /** Of the shell whose prompt marks are believed; null believes none. */
  instance: string | null = null;
  /** More output from before this page came is to be drawn: a prompt in it may be an old one. */
  isReplaying = false;
  readonly #screen: EchoScreen;
  readonly #engine: PredictionEngine;
  #overlay = emptyOverlay;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `parsed` tells whether what is being parsed is replay. */
  constructor(terminal: Terminal, parsed: Pick<AnswerWatch, "isReplay">) {
    this.#screen = new EchoScreen(terminal);
    this.#engine = new PredictionEngine(this.#screen);
    terminal.parser.registerOscHandler(PROMPT_MARKS_OSC, (content) => {
      const mark = readPromptMark(content, this.instance);
      if (mark !== null) this.#engine.marked(mark, performance.now(), parsed.isReplay);
      return true;
    });
  }

  /** Right before it is sent. */
  typed(bytes: Uint8Array): void {
    this.#engine.typed(bytes, performance.now());
    this.#show();
  }

  /** Output was parsed. */
  drawn(): void {
    this.#engine.drawn(performance.now());
    this.#show();
  }

  /** `roundTripMs` to the container; null while it is not known. */
  tune(isEnabled: boolean, roundTripMs: number | null): void {
    this.#engine.isEnabled = isEnabled;
    this.#engine.roundTripMs = roundTripMs;
    this.#show();
  }

  /** The screen gets another size. */
  forget(): void {
    this.#engine.forget();
    this.#show();
  }

  /** Another shell takes the screen, which never hears what was typed before. */
  restart(): void {
    this.#engine.restart();
    this.#show();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #show(): void {
    const { deadlineMs } = this.#engine;
    const overlay = this.isReplaying ? emptyOverlay : this.#engine.overlay;
    if (overlay !== this.#overlay) this.#screen.overlay(overlay);
    this.#overlay = overlay;
    clearTimeout(this.#timer);
    if (deadlineMs === null) return;
    this.#timer = setTimeout(() => {
      this.#engine.tick(performance.now());
      this.#show();
    }, deadlineMs - performance.now());
  }
}
