// An agent that keeps to the protocol never breaks the ledger's rules, whatever its viewers acknowledge and however late everything arrives.

import { expect, test } from "vitest";
import type { AgentMessage } from "#wire/agent.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import type { ViewerMessage } from "#wire/runner.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import { TerminalOutput } from "../../../runner-host/agent/terminal-output.ts";
import { CreditLedger, type Judgement, type TerminalEvent } from "../../../runner-host/sessions/credit-ledger.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const STEPS = 600;
const BROWSERS = [0, 1, 2];
const KiB = 1024;

type FromAgent = { event: TerminalEvent } | { frame: RunnerFrame };

class Run {
  readonly judgements: Judgement[] = [];
  readonly #random: SeededRandom;
  readonly #ledger = new CreditLedger();
  readonly #toAgent: ViewerMessage[] = [];
  readonly #fromAgent: FromAgent[] = [];
  readonly #shown = new Map<number, number>();
  #output = new TerminalOutput();
  #instance = newId("t");
  #nowMs = 0;
  /** Each browser's connection: one that has left comes back under another number. */
  readonly #connections = BROWSERS.map((browser) => browser + 1);
  #lastConnection = BROWSERS.length;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  step(): void {
    const random = this.#random;
    this.#nowMs += random.between(0, 8);
    const act = random.between(0, 99);
    if (act < 6) this.#open(random.pick(this.#connections));
    else if (act < 30) this.#ack(random.pick(this.#connections));
    else if (act < 32) this.#leave(random.pick(BROWSERS));
    else if (act < 33) this.#restart();
    else if (act < 55) {
      if (this.#output.wantsOutput(this.#nowMs)) this.#print(random.between(1, 64 * KiB));
    } else if (act < 75) this.#deliverToAgent();
    else for (let i = random.between(1, 12); i > 0; i--) this.#deliverFromAgent();
    this.#pump();
  }

  #open(connection: number): void {
    const offset = this.#shown.get(connection) ?? null;
    const instance = offset === null ? null : this.#instance;
    this.#pass({
      type: "open",
      connection,
      terminal: 0,
      cols: 80,
      rows: 24,
      claimsSize: true,
      client: "c",
      instance,
      offset,
    });
  }

  #ack(connection: number): void {
    const shown = this.#shown.get(connection) ?? 0;
    const offset = this.#random.chance(0.1) ? limits.offsetMax : this.#random.between(Math.floor(shown / 2), shown);
    this.#pass({ type: "ack", connection, terminal: 0, offset });
  }

  #leave(browser: number): void {
    const connection = this.#connections[browser];
    if (connection !== undefined) this.#pass({ type: "detach", connection });
    this.#connections[browser] = ++this.#lastConnection;
  }

  #pass(message: ViewerMessage): void {
    this.#toAgent.push(this.#ledger.noteViewer(message));
  }

  /** The program ended and the terminal was closed; it starts anew at the next open. */
  #restart(): void {
    this.#output = new TerminalOutput();
    this.#instance = newId("t");
  }

  #print(bytes: number): void {
    this.#output.append(new Uint8Array(bytes), this.#nowMs);
  }

  #deliverToAgent(): void {
    const message = this.#toAgent.shift();
    if (message?.type === "ack") this.#output.ack(message.connection, message.offset);
    else if (message?.type === "detach") this.#output.detach(message.connection, this.#nowMs);
    else if (message?.type === "open") this.#attach(message.connection, message.instance, message.offset);
  }

  #attach(connection: number, shownInstance: string | null, shownOffset: number | null): void {
    const instance = this.#instance;
    const shown = shownInstance === instance ? shownOffset : null;
    const { offset, end, hasMissed } = this.#output.attach(connection, shown);
    this.#say({ type: "opened", connection, terminal: 0, instance, offset, end, received: 0, cols: 80, rows: 24 });
    if (hasMissed) this.#say({ type: "truncated", connection, terminal: 0, offset });
  }

  #pump(): void {
    this.#output.pump(
      {
        frame: (connection, offset, payload) =>
          this.#fromAgent.push({ frame: { connection, terminal: 0, offset, payload } }),
        truncated: (connection, offset) => this.#say({ type: "truncated", connection, terminal: 0, offset }),
        resized: () => undefined,
        exited: () => undefined,
      },
      this.#nowMs,
    );
  }

  #say(event: Extract<AgentMessage, TerminalEvent>): void {
    this.#fromAgent.push({ event });
  }

  #deliverFromAgent(): void {
    const said = this.#fromAgent.shift();
    if (said === undefined) return;
    const judgement = "event" in said ? this.#ledger.judgeEvent(said.event) : this.#ledger.judgeOutput(said.frame);
    this.judgements.push(judgement);
    if (judgement !== "forward") return;
    if ("frame" in said) {
      const { connection, offset, payload } = said.frame;
      for (const viewer of connection === 0 ? this.#connections : [connection])
        if (this.#shown.has(viewer)) this.#shown.set(viewer, offset + payload.length);
    } else if (said.event.type === "opened") this.#shown.set(said.event.connection, said.event.offset);
  }
}

test.for(seedsFor(200))("seed %i: nothing that the agent says is a violation", (seed) => {
  const run = new Run(new SeededRandom(seed));
  for (let step = 0; step < STEPS; step++) run.step();
  expect(run.judgements).not.toContain("violation");
});
