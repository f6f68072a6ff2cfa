// Draws one terminal with WebGL while it is shown: browsers grant few contexts, so a hidden terminal has none.

import { WebglAddon } from "@xterm/addon-webgl";
import type { Terminal } from "@xterm/xterm";
import { noteLimit } from "../page-log.ts";

export class WebglDrawing {
  readonly #terminal: Terminal;
  #addon: WebglAddon | null = null;
  #isRefused = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Without a GPU, or once its context is lost, the DOM renderer that is always there draws on. */
  start(): void {
    if (this.#addon !== null || this.#isRefused) return;
    const addon = new WebglAddon();
    addon.onContextLoss(() => {
      this.#isRefused = true;
      this.stop();
    });
    try {
      this.#terminal.loadAddon(addon);
      this.#addon = addon;
    } catch (error) {
      this.#isRefused = true;
      addon.dispose();
      noteLimit("The terminal is drawn without WebGL.", error);
    }
  }

  stop(): void {
    this.#addon?.dispose();
    this.#addon = null;
  }
}
