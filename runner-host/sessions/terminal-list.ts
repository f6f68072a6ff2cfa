// Owns what this host knows of a session's terminals, from the agent's hello and from what passes.

import type { AgentMessage } from "#wire/agent.ts";
import type { TerminalSummary } from "#wire/session.ts";

export class TerminalList {
  readonly #terminals = new Map<number, TerminalSummary>();
  /** By terminal, the instance that was closed last: an open that crossed its end does not bring it back. */
  readonly #closed = new Map<number, string>();

  get all(): TerminalSummary[] {
    return [...this.#terminals.values()].sort((a, b) => a.terminal - b.terminal);
  }

  replace(terminals: readonly TerminalSummary[]): void {
    this.#terminals.clear();
    this.#closed.clear();
    for (const summary of terminals) this.#terminals.set(summary.terminal, summary);
  }

  remove(terminal: number, instance: string): void {
    this.#closed.set(terminal, instance);
    if (this.#terminals.get(terminal)?.instance === instance) this.#terminals.delete(terminal);
  }

  note(message: AgentMessage): void {
    if (message.type === "opened") {
      const { terminal, instance } = message;
      if (this.#closed.get(terminal) === instance) return;
      if (this.#terminals.get(terminal)?.instance !== instance)
        this.#terminals.set(terminal, { terminal, instance, exited: false });
    } else if (message.type === "exited") {
      const known = this.#terminals.get(message.terminal);
      if (known !== undefined) this.#terminals.set(message.terminal, { ...known, exited: true });
    }
  }
}
