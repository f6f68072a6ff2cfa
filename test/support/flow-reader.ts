// Reads the flow program's output as one tab sees it and finds the first thing that is lost, repeated or out of order.

import { createHash } from "node:crypto";
import { FLOW_KEYS, flowLine } from "./flow-program.ts";

export class FlowReader {
  readonly #tag: string;
  readonly #digest = createHash("sha256");
  #partial = "";
  #hasBegun = false;
  #fault: string | null = null;
  /** Numbered lines seen. */
  lines = 0;
  /** Numbers that the program has taken, by the tab that typed them. */
  readonly taken: number[] = FLOW_KEYS.map(() => 0);
  hasEnded = false;

  constructor(tag: string) {
    this.#tag = tag;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The first thing that was wrong; what follows it says nothing. */
  get fault(): string | null {
    return this.#fault;
  }

  take(added: Buffer): void {
    const lines = (this.#partial + added.toString("latin1")).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) {
      if (this.#hasBegun && !this.hasEnded && this.#fault === null) this.#takeLine(line);
      else if (line === `>${this.#tag}`) this.#hasBegun = true;
    }
  }

  #takeLine(line: string): void {
    if (line.startsWith("=")) {
      this.#takeEnd(line.slice(1));
      return;
    }
    this.#digest.update(`${line}\n`, "latin1");
    if (line === flowLine(this.lines)) {
      this.lines++;
      return;
    }
    const [, tab, count] = /^i(\d) (\d+)$/.exec(line) ?? [];
    const before = tab === undefined ? undefined : this.taken[Number(tab)];
    if (before === undefined || Number(count) <= before)
      this.#fault = `${JSON.stringify(line.slice(0, 200))} where line ${this.lines} was next and ${this.taken.join(", ")} were taken`;
    else this.taken[Number(tab)] = Number(count);
  }

  #takeEnd(account: string): void {
    const seen = [this.lines, ...this.taken, 0, this.#digest.digest("hex")].join(" ");
    if (account === seen) this.hasEnded = true;
    else this.#fault = `the program's account is ${account}, and what was seen is ${seen}`;
  }
}
