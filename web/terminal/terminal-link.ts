// Carries out what a TerminalClient wants: draws on its emulator, sends through the session's connection, runs its one timer.

import type { BrowserMessage } from "#wire/terminal.ts";
import type { Emulator } from "./emulator.ts";
import { TerminalClient } from "./terminal-client.ts";
import type { TerminalEffect, TerminalEvent, TerminalPhase } from "./terminal-event.ts";
import { describeMissing, newShellLine } from "./terminal-sentences.ts";

export type TerminalPort = {
  send: (message: BrowserMessage) => void;
  sendInput: (terminal: number, offset: number, payload: Uint8Array) => void;
};

export type TerminalLinkListener = {
  phase: (phase: TerminalPhase) => void;
  unsent: (text: string) => void;
  bell: () => void;
  sizedElsewhere: (isElsewhere: boolean) => void;
};

export class TerminalLink {
  readonly terminal: number;
  readonly #client: TerminalClient;
  readonly #emulator: Emulator;
  readonly #port: TerminalPort;
  readonly #listener: TerminalLinkListener;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    terminal: number,
    client: string,
    emulator: Emulator,
    port: TerminalPort,
    listener: TerminalLinkListener,
  ) {
    this.terminal = terminal;
    this.#emulator = emulator;
    this.#client = new TerminalClient(terminal, client, emulator.size);
    this.#port = port;
    this.#listener = listener;
  }

  /** What is shown, once it is known to be that. */
  get instance(): string | null {
    return this.#client.instance;
  }

  get isOpening(): boolean {
    return this.#client.isOpening;
  }

  /** Whether output at `offset` is new here, and not what was written before this page came. */
  isNews(offset: number): boolean {
    return this.#client.isNews(offset);
  }

  apply(event: TerminalEvent): void {
    for (const effect of this.#client.apply(event)) this.#carryOut(effect);
  }

  dispose(): void {
    clearTimeout(this.#retryTimer);
  }

  #carryOut(effect: TerminalEffect): void {
    switch (effect.type) {
      case "send":
        this.#port.send(effect.message);
        break;
      case "send_input":
        this.#port.sendInput(this.terminal, effect.offset, effect.payload);
        break;
      case "draw": {
        const { instance, end: offset, isReplay } = effect;
        const { echo } = this.#emulator;
        echo.instance = instance;
        echo.isReplaying ||= isReplay;
        this.#emulator.draw(effect.payload, isReplay, () => {
          if (!isReplay || this.#client.isNews(offset)) echo.isReplaying = false;
          this.apply({ type: "drawn", instance, offset });
        });
        break;
      }
      case "draw_at":
        this.#emulator.drawAt(effect);
        break;
      case "sized_elsewhere":
        this.#listener.sizedElsewhere(effect.isElsewhere);
        break;
      case "clear":
        this.#emulator.clear();
        break;
      case "show_new_shell":
        this.#emulator.showLine(newShellLine);
        break;
      case "show_missing":
        this.#emulator.showLine(describeMissing(effect.bytes));
        break;
      case "show_unsent":
        this.#listener.unsent(new TextDecoder().decode(effect.bytes));
        break;
      case "bell":
        this.#listener.bell();
        break;
      case "retry_input_after":
        clearTimeout(this.#retryTimer);
        this.#retryTimer = setTimeout(() => this.apply({ type: "retry_input" }), effect.delayMs);
        break;
      case "phase":
        this.#listener.phase(effect.phase);
        break;
    }
  }
}
