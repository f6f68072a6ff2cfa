// A session whose terminal prints as fast as it can, a tab that shows it, a second tab that watches the shell, and a tally on the data leg.

import { requireFreePort } from "../../local/data-dir/ports.ts";
import { CutProxy } from "./cut-proxy.ts";
import { FlightTally } from "./flight-tally.ts";
import { Stack } from "./stack.ts";
import { TestClient } from "./test-client.ts";
import type { TestTerminal } from "./test-terminal.ts";
import { TestUser } from "./test-user.ts";

const READY_MS = 30_000;
const LINES = Buffer.from("y\r\n".repeat(32 * 1024));
const CTRL_C = "\x03";

/** Checks output that is nothing but lines of `y`, between `begin` and `finish`. */
class YesWatch {
  #isOn = false;
  #phase: number | null = null;
  #fault: string | null = null;
  #bytes = 0;

  begin(): void {
    this.#isOn = true;
    this.#phase = null;
    this.#fault = null;
    this.#bytes = 0;
  }

  /** Answers how much of it there was; throws when it was something else. */
  finish(): number {
    this.#isOn = false;
    if (this.#fault !== null) throw new Error(this.#fault);
    return this.#bytes;
  }

  take(added: Buffer): void {
    if (!this.#isOn) return;
    this.#phase ??= LINES.indexOf(added.subarray(0, 3));
    for (let at = 0; at < added.length;) {
      const piece = added.subarray(at, at + LINES.length - 3);
      if (!piece.equals(LINES.subarray(this.#phase, this.#phase + piece.length)))
        this.#fault ??= `the flood is not itself within ${piece.length} bytes from ${this.#bytes}`;
      this.#phase = (this.#phase + piece.length) % 3;
      this.#bytes += piece.length;
      at += piece.length;
    }
  }
}

export class FloodRig {
  readonly stack: Stack;
  readonly client: TestClient;
  readonly terminal: TestTerminal;
  readonly tally: FlightTally;
  readonly watch = new YesWatch();
  readonly #proxy: CutProxy;
  readonly #observer: TestClient;
  readonly #watched: TestTerminal;
  #floods = 0;

  private constructor(
    stack: Stack,
    proxy: CutProxy,
    tally: FlightTally,
    tabs: { flooded: [TestClient, TestTerminal]; observer: [TestClient, TestTerminal] },
  ) {
    this.stack = stack;
    this.#proxy = proxy;
    this.tally = tally;
    [this.client, this.terminal] = tabs.flooded;
    [this.#observer, this.#watched] = tabs.observer;
    this.terminal.watch((added) => this.watch.take(added));
  }

  static async start(name: string): Promise<FloodRig> {
    const edgePort = await requireFreePort("127.0.0.1", 0);
    const tally = new FlightTally();
    const address = { port: edgePort, host: "127.0.0.1" };
    const proxy = await CutProxy.start({ port: 0, host: "127.0.0.1" }, address, () => tally.tap());
    const stack = await Stack.start({
      name,
      flags: ["--port", String(edgePort)],
      environment: { BERTH_RUNNER_EDGE_URL: `http://127.0.0.1:${proxy.port}` },
    });
    const user = await TestUser.signIn(stack.address, "flood");
    const { session } = await user.openSession("first-image");
    const client = new TestClient(user, session.id);
    const terminal = await client.open(0, READY_MS);
    terminal.keepBytes = 1024 * 1024;
    const observer = new TestClient(user, session.id);
    const watched = await observer.open(1, READY_MS);
    return new FloodRig(stack, proxy, tally, { flooded: [client, terminal], observer: [observer, watched] });
  }

  /** Resolves when the flood is seen to flow. */
  async startFlood(): Promise<void> {
    const flood = ++this.#floods;
    const before = this.terminal.offset;
    const command = `bash -c 'echo $$ > /tmp/flood-${flood}; exec yes'`;
    this.client.type(this.terminal, `${command}\n`);
    const isFlowing = (): boolean => this.terminal.offset > before + 64 * 1024 && this.#tail(8).includes("\r\ny\r\n");
    await this.client.waitFor(isFlowing, READY_MS, "the flood");
  }

  /** Types Ctrl-C in the flooded tab; resolves with how long the program still ran, as the other terminal sees it. */
  async interrupt(withinMs: number): Promise<number> {
    const tag = `gone-${this.#floods}`;
    const loop = `read p < /tmp/flood-${this.#floods}; while kill -0 $p 2> /dev/null; do sleep 0.005; done`;
    this.#observer.type(this.#watched, `echo; echo watching-$((${this.#floods})); ${loop}; echo; echo ${tag}\n`);
    await this.#observer.waitForOutput(this.#watched, new RegExp(`\\nwatching-${this.#floods}\\r\\n`), READY_MS);
    const typedAt = performance.now();
    this.client.type(this.terminal, CTRL_C);
    await this.#observer.waitForOutput(this.#watched, new RegExp(`\\n${tag}\\r\\n`), withinMs);
    return performance.now() - typedAt;
  }

  /** Resolves when the shell of the flooded terminal answers this tab. */
  async expectShell(withinMs: number): Promise<void> {
    const tag = `alive-${this.#floods}`;
    this.client.type(this.terminal, `echo; echo ${tag}\n`);
    await this.client.waitFor(
      () => this.#tail(4_000).includes(`\n${tag}\r\n`),
      withinMs,
      "the shell",
      () => this.#tail(400),
    );
  }

  /** Resolves with what the stack left. */
  async stop(): Promise<string[]> {
    this.client.leave();
    this.#observer.leave();
    const leftovers = await this.stack.stop();
    await this.#proxy.close();
    return leftovers;
  }

  #tail(bytes: number): string {
    return this.terminal.end(bytes);
  }
}
