// Relays one session's terminals between its data socket and its agent, with back-pressure both ways; it keeps no byte and never waits for Docker.

import type { SessionDataMessage } from "#wire/runner.ts";
import type { TerminalSummary } from "#wire/session.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import type { HostMetrics } from "../metrics.ts";
import type { AgentConnection } from "./agent-connection.ts";
import type { AgentReply, AgentServer } from "./agent-server.ts";
import { CreditLedger, type ViewerEvent } from "./credit-ledger.ts";
import type { DataLink } from "./data-link.ts";
import { TerminalList } from "./terminal-list.ts";

type LayMessage = Extract<SessionDataMessage, { type: "lay" }>;

export interface SessionRelayOptions {
  session: string;
  epoch: number;
  agents: AgentServer;
  data: DataLink;
  metrics: HostMetrics;
  onLay(message: LayMessage): void;
  onLaid(request: number): void;
}

/**
 * `isSettled` is false from the moment an agent is told that all viewers are gone until it has answered: what it says
 * in between was meant for viewers that are gone.
 */
export class SessionRelay {
  readonly #options: SessionRelayOptions;
  readonly #ledger = new CreditLedger();
  readonly #terminals = new TerminalList();
  #isGreeted = false;
  #isSettled = true;

  constructor(options: SessionRelayOptions) {
    this.#options = options;
  }

  /** The container runs and the data socket is open: the session may hear of it. */
  greet(): void {
    const { session, epoch, data } = this.#options;
    if (this.#isGreeted || !data.isOpen) return;
    this.#isGreeted = true;
    data.send({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, session, epoch });
    this.#tellAgent();
  }

  loseData(): void {
    this.#isGreeted = false;
    this.#ledger.clear();
    const { current } = this.#options.agents;
    if (current === null) return;
    current.goOn();
    this.#isSettled = false;
    current.send({ type: "detach_all" });
    current.send({ type: "ping" });
  }

  gainAgent(terminals: TerminalSummary[]): void {
    this.#terminals.replace(terminals);
    this.#isSettled = true;
    this.#tellAgent();
  }

  loseAgent(): void {
    this.#ledger.clear();
    this.#isSettled = true;
    this.#options.data.goOn();
    this.#tellAgent();
  }

  /** From the session. */
  takeMessage(message: SessionDataMessage): void {
    if (message.type === "lay") {
      this.#options.onLay(message);
      return;
    }
    const agent = this.#attendedAgent();
    if (agent === null) return;
    this.#ledger.noteViewer(message);
    if (message.type === "close") this.#terminals.remove(message.terminal);
    agent.send(message);
    this.#holdData(agent);
  }

  takeInput(runnerFrame: Buffer): void {
    const agent = this.#attendedAgent();
    if (agent === null) return;
    agent.sendInput(runnerFrame);
    this.#options.metrics.relayedBytes.inc({ direction: "input" }, runnerFrame.length);
    this.#holdData(agent);
  }

  /** From the agent. */
  takeReply(message: AgentReply): void {
    const { agents, data, onLaid } = this.#options;
    switch (message.type) {
      case "pong":
        if (this.#isSettled || agents.current?.pongsDue !== 0) return;
        this.#isSettled = true;
        this.#tellAgent();
        break;
      case "laid":
      case "lay_failed":
        onLaid(message.request);
        if (this.#isGreeted) data.send(message);
        break;
      default:
        this.#terminals.note(message);
        if (this.#isGreeted && this.#isSettled) this.#passEvent(message);
    }
  }

  takeOutput(output: RunnerFrame, runnerFrame: Buffer): void {
    if (!this.#isGreeted || !this.#isSettled) return;
    const judgement = this.#ledger.judgeOutput(output);
    if (judgement === "violation") this.#options.agents.current?.cut("More output came than was asked for.");
    if (judgement !== "forward") return;
    this.#options.data.sendOutput(runnerFrame);
    this.#options.metrics.relayedBytes.inc({ direction: "output" }, output.payload.length);
    this.#holdAgent();
  }

  #passEvent(event: ViewerEvent): void {
    const judgement = this.#ledger.judgeEvent(event);
    if (judgement === "violation") this.#options.agents.current?.cut(`A ${event.type} came that nobody asked for.`);
    if (judgement !== "forward") return;
    this.#options.data.send(event);
    this.#holdAgent();
  }

  #attendedAgent(): AgentConnection | null {
    return this.#isGreeted && this.#isSettled ? this.#options.agents.current : null;
  }

  #tellAgent(): void {
    if (!this.#isGreeted) return;
    const isUp = this.#options.agents.current !== null && this.#isSettled;
    this.#options.data.send({ type: "agent", state: isUp ? "up" : "down", terminals: isUp ? this.#terminals.all : [] });
  }

  #holdData(agent: AgentConnection): void {
    if (agent.isCongested) this.#options.data.hold();
  }

  #holdAgent(): void {
    if (this.#options.data.isCongested) this.#options.agents.current?.hold();
  }
}
