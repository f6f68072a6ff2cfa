// Relays one session's terminals between its data socket and its agent; it holds output for a slow edge, drops input for an agent that does not read, keeps no byte and never waits for Docker.

import type { HostDataMessage } from "#wire/runner.ts";
import type { TerminalSummary } from "#wire/session.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import type { HostMetrics } from "../metrics.ts";
import type { AgentConnection } from "./agent-connection.ts";
import type { AgentReply, AgentServer } from "./agent-server.ts";
import { CreditLedger, type ViewerEvent } from "./credit-ledger.ts";
import type { DataLink, SessionRequest } from "./data-link.ts";
import type { LayMessage } from "./starter-laying.ts";
import { TerminalList } from "./terminal-list.ts";

/** What a learner is told. */
const TOO_MANY_OPENS = "Too many tabs wait for this terminal. Close some, then open it again.";

export interface SessionRelayOptions {
  session: string;
  epoch: number;
  agents: AgentServer;
  data: DataLink;
  metrics: HostMetrics;
  /** While it rests, the session goes on as if its agent were there: what it asks wakes it. */
  isResting(): boolean;
  onLay(message: LayMessage): void;
  onLaid(request: number): void;
  onJobs(isBusy: boolean): void;
  /** The agent has answered a ping. */
  onPong(): void;
}

/**
 * `isSettled` is false from the moment an agent is told that all viewers are gone until it has answered: what it says
 * in between was meant for viewers that are gone.
 *
 * The data socket is always read: what waited in front of it would pile up at the edge. Once something was dropped for a
 * congested agent, all is, until the agent has taken what waits for it and the viewers begin afresh.
 */
export class SessionRelay {
  readonly #options: SessionRelayOptions;
  readonly #ledger = new CreditLedger();
  readonly #terminals = new TerminalList();
  #isGreeted = false;
  #isSettled = true;
  #isDropping = false;

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

  /** Something of the host's own; false while the session is not to be reached. */
  tell(message: HostDataMessage): boolean {
    if (this.#isGreeted) this.#options.data.send(message);
    return this.#isGreeted;
  }

  loseData(): void {
    this.#isGreeted = false;
    const { current } = this.#options.agents;
    current?.goOn();
    this.#detachAll(current);
  }

  gainAgent(terminals: TerminalSummary[]): void {
    this.#terminals.replace(terminals);
    this.#isSettled = true;
    this.#isDropping = false;
    this.#tellAgent();
  }

  loseAgent(): void {
    this.#ledger.clear();
    this.#terminals.replace([]);
    this.#isSettled = true;
    this.#isDropping = false;
    if (!this.#options.isResting()) this.#tellAgent();
  }

  /** From the session. */
  takeMessage(message: SessionRequest): void {
    if (message.type === "lay") return this.#options.onLay(message);
    if (message.type === "probe" && message.at === "host")
      return this.#options.data.send({ ...message, type: "probed" });
    const agent = this.#attendedAgent();
    if (agent === null) return;
    if (message.type === "warn") return agent.send(message);
    if (message.type === "close") this.#terminals.remove(message.terminal, message.instance);
    const passed = this.#ledger.noteViewer(message);
    if (passed !== null) agent.send(passed);
    else if (message.type === "open") this.#refuseOpen(message);
  }

  takeInput(input: RunnerFrame, runnerFrame: Buffer): void {
    const agent = this.#attendedAgent();
    if (agent === null || !this.#ledger.noteInput(input)) return;
    agent.sendInput(runnerFrame);
    this.#options.metrics.relayedBytes.inc({ direction: "input" }, runnerFrame.length);
  }

  /** The agent has taken what waited for it: whoever was dropped meanwhile opens again and sends again what is missing. */
  takeDrain(): void {
    if (this.#isDropping) this.#detachAll(this.#options.agents.current);
  }

  /** From the agent. */
  takeReply(message: AgentReply): void {
    const { data, onLaid, onJobs, onPong } = this.#options;
    switch (message.type) {
      case "jobs":
        onJobs(message.isBusy);
        break;
      case "pong":
        this.#settle();
        onPong();
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
    this.#options.agents.current?.charge(this.#ledger.countViewers(output) - 1);
    this.#options.metrics.relayedBytes.inc({ direction: "output" }, output.payload.length);
    this.#holdAgent();
  }

  #settle(): void {
    if (this.#isSettled || this.#options.agents.current?.pongsDue !== 0) return;
    this.#isSettled = true;
    this.#tellAgent();
  }

  #passEvent(event: ViewerEvent): void {
    const judgement = this.#ledger.judgeEvent(event);
    if (judgement === "violation") this.#options.agents.current?.cut(`A ${event.type} came that nobody asked for.`);
    if (judgement !== "forward") return;
    this.#options.data.send(event);
    this.#holdAgent();
  }

  #refuseOpen({ connection, terminal }: { connection: number; terminal: number }): void {
    this.#options.data.send({ type: "open_failed", connection, terminal, message: TOO_MANY_OPENS });
  }

  #attendedAgent(): AgentConnection | null {
    const agent = this.#isGreeted && this.#isSettled ? this.#options.agents.current : null;
    if (agent?.isCongested) this.#isDropping = true;
    return this.#isDropping ? null : agent;
  }

  /** Its answer to the ping tells the session that the agent is up, with no viewers. */
  #detachAll(agent: AgentConnection | null): void {
    this.#ledger.clear();
    this.#isDropping = false;
    if (agent === null) return;
    this.#isSettled = false;
    agent.send({ type: "detach_all" });
    agent.send({ type: "ping" });
  }

  #tellAgent(): void {
    if (!this.#isGreeted) return;
    const isUp = this.#options.isResting() || (this.#options.agents.current !== null && this.#isSettled);
    this.#options.data.send({ type: "agent", state: isUp ? "up" : "down", terminals: isUp ? this.#terminals.all : [] });
  }

  #holdAgent(): void {
    if (this.#options.data.isCongested) this.#options.agents.current?.hold();
  }
}
