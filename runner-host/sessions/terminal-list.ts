// Owns what this host knows of a session's terminals, from the agent's hello and from what passes.

import type { AgentMessage } from "#wire/agent.ts";
import type { TerminalSummary } from "#wire/session.ts";

export class TerminalList {
  readonly #terminals = new Map<number, TerminalSummary>();

  get all(): TerminalSummary[] {
    return [...this.#terminals.values()].sort((a, b) => a.terminal - b.terminal);
  }

  replace(terminals: readonly TerminalSummary[]): void {
    this.#terminals.clear();
    for (const summary of terminals) this.#terminals.set(summary.terminal, summary);
  }

  remove(terminal: number, instance: string): void {
    if (this.#terminals.get(terminal)?.instance === instance) this.#terminals.delete(terminal);
  }

  note(message: AgentMessage): void {
    if (message.type === "opened") {
      const { terminal, instance } = message;
      if (this.#terminals.get(terminal)?.instance !== instance)
        this.#terminals.set(terminal, { terminal, instance, exited: false });
    } else if (message.type === "exited") {
      const known = this.#terminals.get(message.terminal);
      if (known !== undefined) this.#terminals.set(message.terminal, { ...known, exited: true });
    }
  }
}
