// A program in a session's terminal that counts up and repeats what it reads, so that anything lost, repeated or out of order shows.

import { expect } from "vitest";
import type { TestClient } from "./test-client.ts";
import type { TestTerminal } from "./test-terminal.ts";

const READY_MS = 15_000;

/** Writes <tag>n0, <tag>n1, ... one each `pauseMs`, and <tag>in:<line> for each line that it reads; ends after `count` when all `inputs` have come. */
function program(tag: string, count: number, inputs: number, pauseMs: number): string {
  return `import sys, threading, time
def read():
    for _ in range(${inputs}):
        print("${tag}in:" + sys.stdin.readline().strip(), flush=True)
reader = threading.Thread(target=read)
reader.start()
for i in range(${count}):
    print("${tag}n%d" % i, flush=True)
    time.sleep(${pauseMs / 1000})
reader.join()
print("${tag}done", flush=True)
`;
}

export class NumberedRun {
  readonly #client: TestClient;
  readonly #terminal: TestTerminal;
  readonly #count: number;
  readonly #inputs: number;
  /** Tells the output of one run from that of the others in the same terminal. */
  readonly #tag: string;
  #typed = 0;

  private constructor(tag: string, client: TestClient, terminal: TestTerminal, count: number, inputs: number) {
    this.#tag = tag;
    this.#client = client;
    this.#terminal = terminal;
    this.#count = count;
    this.#inputs = inputs;
  }

  static async start(
    client: TestClient,
    terminal: TestTerminal,
    count: number,
    inputs: number,
    pauseMs = 2,
  ): Promise<NumberedRun> {
    const tag = `${crypto.randomUUID().slice(0, 4)}-`;
    const source = Buffer.from(program(tag, count, inputs, pauseMs)).toString("base64");
    client.type(
      terminal,
      `stty -echo; echo ${source} | base64 -d > /tmp/run.py; clear; python3 /tmp/run.py; stty echo\n`,
    );
    await client.waitForOutput(terminal, new RegExp(`${tag}n20\\r`), READY_MS);
    return new NumberedRun(tag, client, terminal, count, inputs);
  }

  /** Types the next line of input. */
  type(): void {
    this.#client.type(this.#terminal, `line ${this.#typed++}\n`);
  }

  /** Waits for the end and expects every number and every input once and in order. */
  async finish(withinMs: number): Promise<void> {
    while (this.#typed < this.#inputs) this.type();
    await this.#client.waitForOutput(this.#terminal, new RegExp(`${this.#tag}done\\r`), withinMs);
    const text = this.#terminal.text;
    const numbers = [...text.matchAll(new RegExp(`${this.#tag}n(\\d+)\\r`, "g"))].map((match) => Number(match[1]));
    const inputs = [...text.matchAll(new RegExp(`${this.#tag}in:line (\\d+)\\r`, "g"))].map((match) =>
      Number(match[1]),
    );
    expect(numbers).toEqual(Array.from({ length: this.#count }, (_, index) => index));
    expect(inputs).toEqual(Array.from({ length: this.#inputs }, (_, index) => index));
    expect(this.#terminal.faults).toEqual([]);
    await this.#client.waitFor(() => this.#terminal.unconfirmedBytes === 0, withinMs, "the agent to confirm all input");
  }
}
