// The wall around xterm.js: draws bytes in order and at the size it is told, tells typing from the emulator's own answers, says what its place has room for.

import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { limits } from "#wire/limits.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { DrawQueue } from "./draw-queue.ts";
import { type KeyCommand, keyNames, namePasteKey, readKeyCommand } from "./key-command.ts";
import { LocalEcho } from "./local-echo.ts";
import { boundTitle, isOpenableLink, linkPattern } from "./page-safety.ts";
import { encodeSoftKey, type SoftKey, withControl } from "./soft-key.ts";
import type { TerminalAppearance } from "./terminal-appearance.ts";
import type { TerminalSize } from "./terminal-event.ts";
import { wrapWords } from "./terminal-sentences.ts";
import { WebglDrawing } from "./webgl-drawing.ts";

const FIT_DELAY_MS = 60;
const SCROLLBACK_LINES = 10_000;
/** What the emulator keeps free for its scrollbar. */
const SCROLLBAR_PX = 14;

export type EmulatorListener = {
  typed: (bytes: Uint8Array) => void;
  answered: (bytes: Uint8Array, isReplay: boolean) => void;
  /** The place has room for this size. */
  fitted: (size: TerminalSize) => void;
  /** The learner came into the terminal or clicked it. */
  touched: () => void;
  titled: (title: string) => void;
  commanded: (command: KeyCommand) => void;
  /** Whether the next key is taken with Ctrl. */
  controlHeld: (isHeld: boolean) => void;
};

const utf8 = new TextEncoder();

function openLink(_event: MouseEvent, address: string): void {
  if (isOpenableLink(address)) window.open(address, "_blank", "noopener,noreferrer");
}

/** xterm's binary data is a string of bytes (mouse reports of old protocols). */
function bytesOf(binary: string): Uint8Array {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

export class Emulator {
  readonly #element: HTMLElement;
  readonly #listener: EmulatorListener;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #answers: AnswerWatch;
  readonly #observer: ResizeObserver;
  readonly #screenObserver: ResizeObserver;
  readonly #queue: DrawQueue;
  readonly #webgl: WebglDrawing;
  readonly echo: LocalEcho;
  #fitTimer: ReturnType<typeof setTimeout> | undefined;
  #hasControl = false;

  /** `size` is what is drawn at first where the place is hidden and cannot tell its own. */
  constructor(element: HTMLElement, appearance: TerminalAppearance, size: TerminalSize, listener: EmulatorListener) {
    this.#element = element;
    this.#listener = listener;
    this.#terminal = new Terminal({
      ...appearance,
      ...size,
      // The choice of a width table is still a proposed interface.
      allowProposedApi: true,
      cursorBlink: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      scrollback: SCROLLBACK_LINES,
      minimumContrastRatio: 4.5,
      linkHandler: { activate: openLink, allowNonHttpProtocols: false },
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new WebLinksAddon(openLink, { urlRegex: linkPattern }));
    // Shells and editors take emoji for two cells wide; xterm's own table is older.
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#answers = new AnswerWatch(this.#terminal.parser);
    this.echo = new LocalEcho(this.#terminal, this.#answers);
    this.#terminal.onData((text) => {
      if (this.#answers.isAnswering) {
        listener.answered(utf8.encode(text), this.#answers.isReplay);
        return;
      }
      const bytes = utf8.encode(this.#hasControl ? this.#takeControl(text) : text);
      this.echo.typed(bytes);
      listener.typed(bytes);
    });
    this.#terminal.onBinary((binary) => listener.typed(bytesOf(binary)));
    this.#terminal.onTitleChange((title) => listener.titled(boundTitle(title)));
    this.#terminal.attachCustomKeyEventHandler((event) => {
      const command = readKeyCommand(event, this.#terminal.hasSelection());
      if (command === null) return true;
      // The browser itself pastes on the paste key; the terminal must only not see it.
      if (command !== "paste") event.preventDefault();
      if (event.type === "keydown") listener.commanded(command);
      return false;
    });
    this.#terminal.open(element);
    this.#terminal.textarea?.setAttribute(
      "aria-label",
      `Terminal input. ${namePasteKey(navigator.userAgent)} pastes, ${keyNames.leave} leaves it.`,
    );
    this.#terminal.textarea?.addEventListener("focus", listener.touched);
    // A finger that scrolls touches, too, but does not click.
    element.addEventListener("click", listener.touched);
    this.#webgl = new WebglDrawing(this.#terminal);
    this.#queue = new DrawQueue({
      isHidden: () => document.visibilityState === "hidden",
      write: (bytes, isReplay, parsed) => {
        this.#answers.expect(isReplay);
        this.#terminal.write(bytes, () => {
          this.#answers.passed();
          this.echo.drawn();
          parsed();
        });
      },
    });
    const room = this.#measure();
    if (room !== null) this.#terminal.resize(room.cols, room.rows);
    const screen = element.querySelector(".xterm-screen");
    this.#screenObserver = new ResizeObserver(() => this.#shape(screen));
    if (screen !== null) this.#screenObserver.observe(screen);
    this.#observer = new ResizeObserver(() => {
      clearTimeout(this.#fitTimer);
      this.#fitTimer = setTimeout(() => this.fit(), FIT_DELAY_MS);
    });
    this.#observer.observe(element);
  }

  get size(): { cols: number; rows: number } {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  draw(payload: Uint8Array, isReplay: boolean, drawn: () => void): void {
    this.#queue.draw({ bytes: payload, isReplay, drawn });
  }

  /** In the order of what was drawn before. */
  drawAt({ cols, rows }: TerminalSize): void {
    this.#queue.between(() => {
      if (cols === this.#terminal.cols && rows === this.#terminal.rows) return;
      this.#terminal.resize(cols, rows);
      this.echo.forget();
    });
  }

  /** A hidden terminal takes output as ever and draws nothing. */
  show(isShown: boolean): void {
    if (isShown) {
      this.#webgl.start();
      this.fit();
      this.#tellScreenReader();
    } else this.#webgl.stop();
  }

  /** In the order of what was drawn before: full reset, also of the title and out of a half-received sequence. */
  clear(): void {
    this.#drawOwn("\x18\x1b]0;\x07\x1bc");
    this.#queue.between(() => this.echo.restart());
  }

  /** Berth's own words in grey on lines of their own; colours and margins of the program before them are dropped. */
  showLine(text: string): void {
    const lines = wrapWords(text, this.#terminal.cols).join("\r\n");
    this.#drawOwn(`\x18\x1b[!p\r\n\x1b[90m${lines}\x1b[0m\r\n`);
  }

  fit(): void {
    const room = this.#measure();
    if (room !== null) this.#listener.fitted(room);
  }

  look(appearance: TerminalAppearance): void {
    Object.assign(this.#terminal.options, appearance);
    this.fit();
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  focus(): void {
    this.#terminal.focus();
  }

  type(text: string): void {
    this.#terminal.paste(text);
  }

  press(key: SoftKey): void {
    const hasControl = this.#hasControl;
    this.holdControl(false);
    this.#terminal.input(encodeSoftKey(key, hasControl, this.#terminal.modes.applicationCursorKeysMode));
  }

  /** Takes the next key with Ctrl, which is why the terminal gets the focus. */
  holdControl(isHeld: boolean): void {
    if (isHeld) this.focus();
    if (isHeld === this.#hasControl) return;
    this.#hasControl = isHeld;
    this.#listener.controlHeld(isHeld);
  }

  dispose(): void {
    clearTimeout(this.#fitTimer);
    this.#observer.disconnect();
    this.#screenObserver.disconnect();
    this.echo.dispose();
    this.#terminal.dispose();
  }

  #takeControl(text: string): string {
    this.holdControl(false);
    return withControl(text);
  }

  #drawOwn(text: string): void {
    this.draw(utf8.encode(text), true, () => undefined);
  }

  /** What a screen reader reads of a terminal that was made unseen has no height until it is made again. */
  #tellScreenReader(): void {
    if (this.#terminal.options.screenReaderMode !== true) return;
    this.#terminal.options.screenReaderMode = false;
    this.#terminal.options.screenReaderMode = true;
  }

  /** A screen of another size than the place's is as wide and high as it is; the place scrolls. */
  #shape(screen: Element | null): void {
    const room = this.#measure();
    const { element, cols, rows } = this.#terminal;
    if (element === undefined || screen === null || room === null) return;
    const isOwn = room.cols === cols && room.rows === rows;
    element.style.width = isOwn ? "" : `${screen.clientWidth + SCROLLBAR_PX}px`;
    element.style.height = isOwn ? "" : `${screen.clientHeight}px`;
  }

  #measure(): TerminalSize | null {
    // A hidden element has no size, but the addon reads one from its styles.
    if (this.#element.clientWidth === 0) return null;
    const room = this.#fit.proposeDimensions();
    if (room === undefined || !(room.cols > 1) || !(room.rows > 1)) return null;
    return { cols: Math.min(room.cols, limits.terminalColsMax), rows: Math.min(room.rows, limits.terminalRowsMax) };
  }
}
