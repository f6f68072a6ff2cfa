// The wall around xterm.js: draws bytes in order, tells typing from the emulator's own answers, fits itself to its element.

import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { limits } from "#wire/limits.ts";
import { noteLimit } from "../page-log.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { type KeyCommand, keyNames, namePasteKey, readKeyCommand } from "./key-command.ts";
import { boundTitle, isOpenableLink, linkPattern } from "./page-safety.ts";
import { encodeSoftKey, type SoftKey, withControl } from "./soft-key.ts";
import type { TerminalAppearance } from "./terminal-appearance.ts";
import { wrapWords } from "./terminal-sentences.ts";

const FIT_DELAY_MS = 60;
const SCROLLBACK_LINES = 10_000;

export type EmulatorListener = {
  typed: (bytes: Uint8Array) => void;
  answered: (bytes: Uint8Array, isReplay: boolean) => void;
  resized: (cols: number, rows: number) => void;
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
  #fitTimer: ReturnType<typeof setTimeout> | undefined;
  #hasControl = false;

  constructor(element: HTMLElement, appearance: TerminalAppearance, listener: EmulatorListener) {
    this.#element = element;
    this.#listener = listener;
    this.#terminal = new Terminal({
      ...appearance,
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
    this.#terminal.onData((text) => {
      const bytes = utf8.encode(text);
      if (this.#answers.isAnswering) listener.answered(bytes, this.#answers.isReplay);
      else listener.typed(this.#hasControl ? utf8.encode(this.#takeControl(text)) : bytes);
    });
    this.#terminal.onBinary((binary) => listener.typed(bytesOf(binary)));
    this.#terminal.onResize(({ cols, rows }) => listener.resized(cols, rows));
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
    this.#loadWebgl();
    this.fit();
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
    this.#answers.expect(isReplay);
    this.#terminal.write(payload, () => {
      this.#answers.passed();
      drawn();
    });
  }

  /** In the order of what was drawn before: full reset, also out of a half-received sequence. */
  clear(): void {
    this.#drawOwn("\x18\x1bc");
  }

  /** Berth's own words in grey on lines of their own; colours and margins of the program before them are dropped. */
  showLine(text: string): void {
    const lines = wrapWords(text, this.#terminal.cols).join("\r\n");
    this.#drawOwn(`\x18\x1b[!p\r\n\x1b[90m${lines}\x1b[0m\r\n`);
  }

  fit(): void {
    // A hidden element has no size, but the addon reads one from its styles.
    if (this.#element.clientWidth === 0) return;
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.cols > 1) || !(size.rows > 1)) return;
    this.#terminal.resize(Math.min(size.cols, limits.terminalColsMax), Math.min(size.rows, limits.terminalRowsMax));
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
    this.#terminal.dispose();
  }

  #takeControl(text: string): string {
    this.holdControl(false);
    return withControl(text);
  }

  #drawOwn(text: string): void {
    this.draw(utf8.encode(text), true, () => undefined);
  }

  /** Without a GPU, or once its context is lost, the DOM renderer that is always there draws on. */
  #loadWebgl(): void {
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => webgl.dispose());
    try {
      this.#terminal.loadAddon(webgl);
    } catch (error) {
      webgl.dispose();
      noteLimit("The terminal is drawn without WebGL.", error);
    }
  }
}
