// What goes out of the unsent input, and when: at once while the terminal is attached, slower while the agent refuses it.

import type { TerminalEffect } from "./terminal-event.ts";
import { type InputFrame, UnsentInput } from "./unsent-input.ts";

const sendInput = (frame: InputFrame): TerminalEffect => ({ type: "send_input", ...frame });

export class InputFlow {
  readonly #unsent = new UnsentInput();
  #isAttached = false;

  /** The agent has taken what is before `received`; the rest goes out. */
  attach(received: number): TerminalEffect[] {
    this.#isAttached = true;
    this.#unsent.attach(received);
    return this.#send();
  }

  detach(): void {
    this.#isAttached = false;
  }

  /** Null: there is no room to keep it. */
  keep(bytes: Uint8Array): TerminalEffect[] | null {
    return this.#unsent.append(bytes) ? this.#send() : null;
  }

  taken(offset: number): TerminalEffect[] {
    if (!this.#isAttached) return [];
    const delayMs = this.#unsent.received(offset);
    return delayMs === null ? this.#send() : [{ type: "retry_input_after", delayMs }];
  }

  retry(): TerminalEffect[] {
    const retry = this.#isAttached ? this.#unsent.retry() : null;
    return retry === null ? [] : [sendInput(retry.frame), { type: "retry_input_after", delayMs: retry.delayMs }];
  }

  /** The instance is gone: returns what it never took. */
  restart(): Uint8Array {
    return this.#unsent.restart();
  }

  #send(): TerminalEffect[] {
    return this.#isAttached ? this.#unsent.takeFrames().map(sendInput) : [];
  }
}
