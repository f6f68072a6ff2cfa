// One terminal of an honest agent behind the relay: everything takes its time on the way, tabs draw fast, slowly or not at all, and memory is lost.

import { newId } from "#wire/ids.ts";
import type { SessionDataMessage } from "#wire/runner.ts";
import { encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { TerminalOutput } from "../../runner-host/agent/terminal-output.ts";
import { type AgentEvent, relayAgentEvent, relayOutput } from "../../worker/session/relay-to-browsers.ts";
import { relayDetach } from "../../worker/session/relay-to-host.ts";
import { patternBytes } from "../support/byte-pattern.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { type RecordedData, recordData } from "../worker/support/recorded-line.ts";
import { HonestTab, type Pace } from "./honest-tab.ts";

const TERMINAL = 0;
const SIZE = { cols: 80, rows: 24 };
const PACES: readonly Pace[] = ["fast", "slow", "hidden"];
const KiB = 1024;

export class HonestRun {
  /** Why the relay would have closed the data socket. */
  readonly refusals: string[] = [];
  /** What the agent said, by kind: a run that never leaves a viewer behind shows nothing. */
  readonly said = new Map<string, number>();
  tabs: HonestTab[];
  #data: RecordedData;
  readonly #random: SeededRandom;
  readonly #toAgent: (SessionDataMessage | Uint8Array)[] = [];
  readonly #fromAgent: (AgentEvent | Uint8Array)[] = [];
  #output = new TerminalOutput();
  #instance = newId("t");
  #nowMs = 0;
  #lastConnection = PACES.length;
  #generation = 1;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#data = recordData(1, (sent) => void this.#toAgent.push(sent));
    this.tabs = PACES.map((pace, index) => new HonestTab(index + 1, pace, random));
  }

  get end(): number {
    return this.#output.end;
  }

  step(): void {
    const random = this.#random;
    this.#nowMs += random.between(0, 8);
    const act = random.between(0, 99);
    if (act < 5) this.#open(random.pick(this.tabs));
    else if (act < 30) random.pick(this.tabs).draw(this.#data);
    else if (act < 32) this.#leave(random.between(0, this.tabs.length - 1));
    else if (act < 33) this.#restart();
    else if (act < 34) this.#reconnectAgent();
    else if (act < 36) this.#sleep();
    else if (act < 60) this.#print(random.between(1, 64 * KiB));
    else if (act < 78) this.#deliverToAgent();
    else for (let count = random.between(1, 12); count > 0; count--) this.#deliverFromAgent();
    this.#pump();
  }

  /** All tabs draw all there is until nothing moves any more. */
  settle(): void {
    this.#reconnectAgent();
    for (let round = 0; round < 400; round++) {
      this.#nowMs += 10;
      for (const tab of this.tabs) tab.drawAll(this.#data);
      while (this.#toAgent.length > 0) this.#deliverToAgent();
      this.#pump();
      while (this.#fromAgent.length > 0) this.#deliverFromAgent();
    }
  }

  #open(tab: HonestTab): void {
    tab.open(this.#data, this.#instance);
  }

  #print(bytes: number): void {
    if (!this.#output.wantsOutput(this.#nowMs)) return;
    this.#output.append(patternBytes(this.#output.end, bytes), this.#nowMs);
  }

  #leave(index: number): void {
    const left = this.tabs[index];
    if (left === undefined) return;
    relayDetach(left.line.attachment, this.#data);
    this.tabs[index] = new HonestTab(++this.#lastConnection, left.pace, this.#random);
  }

  /** The terminal was closed, and whoever opens it meets a new instance. */
  #restart(): void {
    this.#fromAgent.push({ type: "exited", terminal: TERMINAL, exitCode: 129 });
    this.#output = new TerminalOutput();
    this.#instance = newId("t");
  }

  /** The agent went and came: nobody watches until it opens again. */
  #reconnectAgent(): void {
    this.#toAgent.length = 0;
    this.#fromAgent.length = 0;
    this.#output.detachAll(this.#nowMs);
    this.#data.attachment.generation = ++this.#generation;
    this.#data.attachment.orphanedOpens = 0;
    this.#data.save();
    for (const tab of this.tabs) this.#open(tab);
  }

  #sleep(): void {
    this.#data.sleep();
    for (const tab of this.tabs) tab.line.sleep();
  }

  #deliverToAgent(): void {
    const message = this.#toAgent.shift();
    if (message === undefined || message instanceof Uint8Array) return;
    if (message.type === "ack") this.#output.ack(message.connection, message.offset);
    else if (message.type === "detach") this.#output.detach(message.connection, this.#nowMs);
    else if (message.type === "open") {
      const { connection, offset } = message;
      const shown = message.instance === this.#instance ? offset : null;
      const { offset: from, end, hasMissed } = this.#output.attach(connection, shown);
      const addressed = { connection, terminal: TERMINAL, offset: from };
      this.#fromAgent.push({ type: "opened", ...addressed, instance: this.#instance, end, received: 0, ...SIZE });
      if (hasMissed) this.#fromAgent.push({ type: "truncated", ...addressed });
    }
  }

  #deliverFromAgent(): void {
    const sent = this.#fromAgent.shift();
    if (sent === undefined) return;
    const kind = sent instanceof Uint8Array ? "output" : sent.type;
    this.said.set(kind, (this.said.get(kind) ?? 0) + 1);
    const lines = this.tabs.map(({ line }) => line);
    const refused =
      sent instanceof Uint8Array
        ? relayOutput(this.#data, sent, lines).refused
        : relayAgentEvent(this.#data, sent, lines).refused;
    if (refused !== null) this.refusals.push(refused);
  }

  #pump(): void {
    this.#output.pump(
      {
        frame: (connection, offset, payload) =>
          void this.#fromAgent.push(encodeRunnerFrame({ connection, terminal: TERMINAL, offset, payload })),
        behind: (connection, offset) =>
          void this.#fromAgent.push({ type: "behind", connection, terminal: TERMINAL, offset }),
        truncated: (connection, offset) =>
          void this.#fromAgent.push({ type: "truncated", connection, terminal: TERMINAL, offset }),
        resized: (size) => void this.#fromAgent.push({ type: "resized", terminal: TERMINAL, ...size }),
        exited: (exitCode) => void this.#fromAgent.push({ type: "exited", terminal: TERMINAL, exitCode }),
      },
      this.#nowMs,
    );
  }
}
