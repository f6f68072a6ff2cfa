// One tab at the cut rig: a client behind a proxy of its own that shows every terminal and types numbers into each.

import { CutProxy } from "./cut-proxy.ts";
import { FLOW_END_KEY, flowInput } from "./flow-program.ts";
import { FlowReader } from "./flow-reader.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { TestClient } from "./test-client.ts";
import type { TestTerminal } from "./test-terminal.ts";
import type { TestUser } from "./test-user.ts";

/** One terminal as one tab sees it. */
export interface FlowView {
  readonly terminal: TestTerminal;
  readonly reader: FlowReader;
  /** Numbers that this tab has typed into it. */
  typed: number;
}

const OPEN_MS = 30_000;
const TYPE_EVERY_MS = 120;
const PASTE_CHANCE = 0.01;
const PASTE_NUMBERS = 600;

export class FlowTab {
  readonly number: number;
  readonly proxy: CutProxy;
  readonly client: TestClient;
  readonly views: FlowView[] = [];
  readonly #random: SeededRandom;
  #typing: NodeJS.Timeout | undefined;

  private constructor(number: number, proxy: CutProxy, client: TestClient, random: SeededRandom) {
    this.number = number;
    this.proxy = proxy;
    this.client = client;
    this.#random = random;
  }

  /** `tags`: of the flow in each terminal, from terminal 0 on. */
  static async open(
    number: number,
    user: TestUser,
    session: string,
    tags: readonly string[],
    random: SeededRandom,
  ): Promise<FlowTab> {
    const { hostname: host, port } = new URL(user.address);
    const proxy = await CutProxy.start({ port: 0, host: "127.0.0.1" }, { host, port: Number(port) });
    const through = `http://127.0.0.1:${proxy.port}`;
    const client = new TestClient(user, session, { through, pingEveryMs: 500, silenceMs: 2_000 });
    const tab = new FlowTab(number, proxy, client, random);
    for (const [index, tag] of tags.entries()) {
      const terminal = await client.open(index, OPEN_MS);
      const reader = new FlowReader(tag);
      terminal.watch((added) => reader.take(added));
      tab.views.push({ terminal, reader, typed: 0 });
    }
    return tab;
  }

  startTyping(): void {
    this.#typing = setInterval(() => {
      for (const view of this.views) this.#type(view, this.#random.chance(PASTE_CHANCE) ? PASTE_NUMBERS : 1);
    }, TYPE_EVERY_MS);
  }

  stopTyping(): void {
    clearInterval(this.#typing);
  }

  /** Asks every flow for its end. */
  typeEnd(): void {
    for (const { terminal } of this.views) this.client.type(terminal, FLOW_END_KEY);
  }

  /** What this tab has seen that should not be. */
  findFaults(): string[] {
    return this.views.flatMap(({ terminal, reader }) => {
      const faults = [
        ...terminal.faults,
        ...(reader.fault === null ? [] : [reader.fault]),
        ...(terminal.instances.length === 1 ? [] : [`instances ${terminal.instances.join(", ")}`]),
        ...(terminal.truncations === 0 ? [] : [`truncated ${terminal.truncations} times`]),
      ];
      return faults.map((fault) => `tab ${this.number} terminal ${terminal.terminal}: ${fault}`);
    });
  }

  describe(): string {
    const views = this.views.map(({ terminal, reader, typed }) => {
      const { isOpen, offset, unconfirmedBytes } = terminal;
      return `terminal ${terminal.terminal} ${isOpen ? "open" : "not open"}, output to ${offset}, ${reader.lines} lines, typed ${typed}, taken ${reader.taken.join("/")}, ${unconfirmedBytes} bytes of input unconfirmed`;
    });
    const { connections, closes, errors } = this.client;
    return `tab ${this.number}: ${views.join("; ")}; ${connections} connections, last closes ${closes.slice(-5).join(" ")}, last errors ${errors.slice(-3).join(" | ")}`;
  }

  async close(): Promise<void> {
    this.stopTyping();
    this.client.leave();
    await this.proxy.close();
  }

  #type(view: FlowView, count: number): void {
    this.client.type(view.terminal, flowInput(this.number, view.typed, count));
    view.typed += count;
  }
}
