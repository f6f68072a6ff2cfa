// A learner who only types: measures how soon each key is answered, and keeps account of every answer.

import { setTimeout as delay } from "node:timers/promises";
import { FLOW_END_KEY, flowInput, flowProgram } from "./flow-program.ts";
import { FlowReader } from "./flow-reader.ts";
import { TestClient } from "./test-client.ts";
import type { TestTerminal } from "./test-terminal.ts";
import { TestUser } from "./test-user.ts";

const READY_MS = 30_000;
const TYPE_EVERY_MS = 40;
/** A deadline; what an answer takes is printed. */
const ANSWER_MS = 15_000;

/** What must hold at the end: nothing lost or repeated, on one connection. */
export interface TypingAccount {
  fault: string | null;
  unanswered: number;
  terminalFaults: string[];
  connections: number;
}

export class QuietNeighbour {
  readonly #client: TestClient;
  readonly #terminal: TestTerminal;
  readonly #reader = new FlowReader("quiet");
  #typed = 0;

  private constructor(client: TestClient, terminal: TestTerminal) {
    this.#client = client;
    this.#terminal = terminal;
    terminal.watch((added) => this.#reader.take(added));
  }

  static async open(address: string): Promise<QuietNeighbour> {
    const user = await TestUser.signIn(address, "quiet");
    const { session } = await user.openSession("first-image");
    const client = new TestClient(user, session.id);
    const neighbour = new QuietNeighbour(client, await client.open(0, READY_MS));
    typeProgram(client, neighbour.#terminal, flowProgram({ tag: "quiet", bytes: 0, bytesPerSecond: 2_000, seed: 1 }));
    await client.waitFor(() => neighbour.#reader.lines > 0, READY_MS, "the quiet program");
    return neighbour;
  }

  /** Types a number at a time and waits for its answer each time; resolves with one line about how long they took. */
  async measure(forMs: number): Promise<string> {
    const times: number[] = [];
    const endsAt = performance.now() + forMs;
    while (performance.now() < endsAt) {
      const typedAt = performance.now();
      this.#client.type(this.#terminal, flowInput(0, this.#typed++, 1));
      const isAnswered = (): boolean => this.#reader.taken[0] === this.#typed;
      await this.#client.waitFor(isAnswered, ANSWER_MS, `an answer to number ${this.#typed}`);
      times.push(performance.now() - typedAt);
      await delay(TYPE_EVERY_MS);
    }
    times.sort((a, b) => a - b);
    const at = (part: number): string => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(1);
    return `${times.length} answers, median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
  }

  /** Ends the program, which says what it was given. */
  async close(): Promise<TypingAccount> {
    this.#client.type(this.#terminal, FLOW_END_KEY);
    const reader = this.#reader;
    await this.#client.waitFor(
      () => reader.hasEnded || reader.fault !== null,
      ANSWER_MS,
      "the quiet program's account",
    );
    return {
      fault: reader.fault,
      unanswered: this.#typed - (reader.taken[0] ?? 0),
      terminalFaults: [...this.#terminal.faults],
      connections: this.#client.connections,
    };
  }

  leave(): void {
    this.#client.leave();
  }
}

export const NOTHING_LOST: TypingAccount = { fault: null, unanswered: 0, terminalFaults: [], connections: 1 };

/** Has a shell run a Python program. */
export function typeProgram(client: TestClient, terminal: TestTerminal, program: string): void {
  const text = Buffer.from(program).toString("base64");
  client.type(terminal, `echo ${text} | base64 -d > /tmp/run.py; python3 /tmp/run.py\n`);
}
