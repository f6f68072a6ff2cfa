// Runs the relay between an agent that says anything and an edge that counts.

import { Socket } from "node:net";
import pino from "pino";
import { agentMessageSchema, type DaemonMessage, daemonMessageSchema } from "#wire/agent.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import type { HostDataMessage } from "#wire/runner.ts";
import { decodeRunnerFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { HostMetrics } from "../../../runner-host/metrics.ts";
import { AgentConnection } from "../../../runner-host/sessions/agent-connection.ts";
import { AgentServer } from "../../../runner-host/sessions/agent-server.ts";
import { DataLink } from "../../../runner-host/sessions/data-link.ts";
import { SessionRelay } from "../../../runner-host/sessions/session-relay.ts";
import type { Vocabulary } from "../../support/schema-fuzz-tree.ts";
import { MessageFuzz } from "../../support/schema-fuzz.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { CountingEdge, TERMINALS } from "./counting-edge.ts";

const STEPS = 3_000;
const SESSION = newId("s");
const KiB = 1024;
const log = pino({ level: "silent" });
const nothing = () => undefined;

class RecordingAgent extends AgentConnection {
  isCut = false;
  readonly heard: DaemonMessage[] = [];
  readonly socket: Socket;
  #pongsDue = 0;

  constructor() {
    const socket = new Socket();
    super(socket, { onMessage: nothing, onOutput: nothing, onUse: nothing, onDrain: nothing, onClose: nothing });
    this.socket = socket;
  }

  override get isCongested(): boolean {
    return false;
  }
  override get pongsDue(): number {
    return this.#pongsDue;
  }
  override send(message: DaemonMessage): void {
    this.heard.push(daemonMessageSchema.parse(JSON.parse(JSON.stringify(message))));
    if (message.type === "ping") this.#pongsDue++;
  }
  override sendInput(): void {}
  override hold(): void {}
  override goOn(): void {}
  override cut(): void {
    this.isCut = true;
  }
  /** Whether a pong may be said now. */
  takePong(): boolean {
    if (this.#pongsDue === 0) return false;
    this.#pongsDue--;
    return true;
  }
}

class OneAgent extends AgentServer {
  agent: RecordingAgent | null = null;
  override get current(): AgentConnection | null {
    return this.agent;
  }
}

class RecordingLink extends DataLink {
  edge: CountingEdge | null = null;
  override get isOpen(): boolean {
    return true;
  }
  override get isCongested(): boolean {
    return false;
  }
  override send(message: HostDataMessage): void {
    this.edge?.take(message);
  }
  override sendOutput(runnerFrame: Buffer): void {
    const frame = decodeRunnerFrame(runnerFrame, limits.terminalFrameBytes);
    if (frame === null) throw new Error("a malformed output frame went on");
    this.edge?.takeOutput(frame);
  }
}

class Run {
  cuts = 0;
  readonly edge: CountingEdge;
  readonly #random: SeededRandom;
  readonly #fuzz: MessageFuzz<ReturnType<typeof agentMessageSchema.parse>>;
  readonly #agents: OneAgent;
  readonly #relay: SessionRelay;
  readonly #instances = [newId("t"), newId("t")];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#fuzz = new MessageFuzz(agentMessageSchema, this.#random);
    this.edge = new CountingEdge(this.#random);
    const agentEvents = { onUp: nothing, onDown: nothing, onReply: nothing, onOutput: nothing };
    this.#agents = new OneAgent({
      ...agentEvents,
      onUse: nothing,
      onDrain: nothing,
      onOutdated: nothing,
      onCut: nothing,
    });
    const data = new RecordingLink(
      { edgeUrl: "http://localhost", credential: "c", ticket: "t", log },
      { onOpen: nothing, onLost: nothing, onMessage: nothing, onInput: nothing, onRoom: nothing, onOver: nothing },
    );
    data.edge = this.edge;
    const metrics = new HostMetrics();
    const of = { session: SESSION, epoch: 1, agents: this.#agents, data, metrics };
    this.#relay = new SessionRelay({
      ...of,
      isResting: () => false,
      onLay: nothing,
      onLaid: nothing,
      onJobs: nothing,
      onPong: nothing,
    });
    this.#relay.greet();
    this.#gainAgent();
  }

  step(): void {
    const agent = this.#agents.agent;
    if (agent === null) return;
    if (this.#random.chance(0.35)) {
      const words = this.edge.speak();
      if (words !== null) this.#relay.takeMessage(words);
    } else if (this.#random.chance(0.5)) this.#sendOutput();
    else this.#speak(agent);
    if (agent.isCut) this.#replaceAgent();
  }

  end(): void {
    this.#agents.agent?.socket.destroy();
  }

  #replaceAgent(): void {
    this.cuts++;
    this.#agents.agent?.socket.destroy();
    this.#agents.agent = null;
    this.#relay.loseAgent();
    this.#gainAgent();
  }

  #gainAgent(): void {
    this.#agents.agent = new RecordingAgent();
    this.#relay.gainAgent([]);
  }

  /** Mostly what an agent may say at this point, else anything. */
  #speak(agent: RecordingAgent): void {
    const random = this.#random;
    const asked = agent.heard.findLast(({ type }) => type === "open");
    if (asked?.type === "open" && random.chance(0.4)) {
      const { connection, terminal, cols, rows } = asked;
      const offset = random.pick([0, 0, asked.offset ?? 0, random.between(0, 4 * 1024 * KiB), 2 ** 40]);
      const instance = random.chance(0.95) ? this.#instanceOf(terminal) : newId("t");
      const rest = { instance, offset, end: offset + random.between(0, 1024 * KiB), received: 0, cols, rows };
      this.#relay.takeReply({ type: "opened", connection, terminal, ...rest });
      return;
    }
    const type = random.pick(["behind", "truncated", "truncated", ...this.#fuzz.types]);
    const message = this.#fuzz.message(type, this.#known);
    if (message.type === "hello" || (message.type === "pong" && !agent.takePong())) return;
    this.#relay.takeReply(message);
  }

  #sendOutput(): void {
    const random = this.#random;
    const terminal = random.pick(TERMINALS);
    const offset = random.pick(this.#offsets(terminal));
    const payload = new Uint8Array(random.pick([1, 2, 1_000, limits.terminalFrameBytes, limits.terminalFrameBytes]));
    const connection = random.chance(0.5) ? 0 : random.pick(this.edge.connections);
    const bytes = Buffer.from(encodeRunnerFrame({ connection, terminal, offset, payload }));
    // The agent's connection hands on nothing else.
    const frame = decodeRunnerFrame(bytes, limits.terminalFrameBytes);
    if (frame !== null) this.#relay.takeOutput(frame, bytes);
  }

  /** Around where the viewers of a terminal stand. */
  #offsets(terminal: number): number[] {
    const ends = this.edge.watched.filter((one) => one.terminal === terminal).map(({ viewer }) => viewer.sent);
    return [0, ...ends, ...ends, ...ends.map((end) => Math.max(0, end - 2)), ...ends.map((end) => end + 1)];
  }

  get #known(): Vocabulary {
    return {
      connection: [...this.edge.connections],
      terminal: TERMINALS,
      instance: this.#instances,
      offset: [...this.#offsets(0), ...this.#offsets(1)],
      probe: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    };
  }

  #instanceOf(terminal: number): string {
    return this.#instances[terminal] ?? newId("t");
  }
}

/** One run; answers what the edge would have closed the data socket for. */
export function fuzzRelay(seed: number): { faults: readonly string[]; cuts: number; forwarded: number } {
  const run = new Run(seed);
  for (let step = 0; step < STEPS && run.edge.faults.length === 0; step++) run.step();
  run.end();
  return { faults: run.edge.faults, cuts: run.cuts, forwarded: run.edge.forwarded };
}
