// Owns one claimed session on this host: keeps its container running and its two sockets open until it is let go.

import { join } from "node:path";
import type { Logger } from "pino";
import { AgentServer } from "./agent-server.ts";
import { NOT_STARTED, type StartFailure } from "./container-start.ts";
import { DataLink } from "./data-link.ts";
import { HeldContainer } from "./held-container.ts";
import { LimitWatch } from "./limit-watch.ts";
import { Notices } from "./notices.ts";
import type { RestCandidate } from "./rest-rule.ts";
import type { SessionHost } from "./session-host.ts";
import { SessionPulse } from "./session-pulse.ts";
import type { SessionRecord } from "./session-records.ts";
import { SessionRelay } from "./session-relay.ts";
import { isWakingUp } from "./session-rest.ts";
import { StartClock } from "./start-clock.ts";
import { StarterLaying } from "./starter-laying.ts";

export class HeldSession {
  readonly #host: SessionHost;
  readonly #log: Logger;
  readonly #agents: AgentServer;
  readonly #data: DataLink;
  readonly #relay: SessionRelay;
  readonly #laying: StarterLaying;
  readonly #pulse: SessionPulse;
  readonly #notices: Notices;
  readonly #container: HeldContainer;
  #isClosed = false;
  #hasGreeted = false;

  constructor(host: SessionHost, record: SessionRecord, isFresh: boolean) {
    const { session, epoch, ticket } = record;
    const clock = new StartClock(host.metrics, isFresh);
    this.#host = host;
    this.#log = host.log.child({ session, epoch });
    this.#agents = new AgentServer({
      onUp: (_agent, terminals) => {
        clock.noteAgent();
        this.#container.noteAgent();
        host.metrics.agents.inc();
        this.#pulse.start();
        this.#relay.gainAgent(terminals);
        host.watchOver(session, this.#laying.layAgain());
      },
      onDown: () => {
        host.metrics.agents.dec();
        host.metrics.reconnects.inc({ leg: "agent" });
        this.#pulse.stop();
        this.#relay.loseAgent();
        this.#container.awaitAgent();
      },
      onReply: (message) => this.#relay.takeReply(message),
      onOutput: (output, runnerFrame) => this.#relay.takeOutput(output, runnerFrame),
      onUse: () => this.#pulse.noteUse(),
      onDrain: () => this.#relay.takeDrain(),
      onOutdated: () => this.#container.renewLater("The container's agent speaks another version."),
      onCut: (reason) => this.#log.warn({ reason }, "agent connection cut"),
    });
    this.#data = new DataLink(
      { edgeUrl: host.edgeUrl, credential: host.credential, ticket, log: this.#log },
      {
        onOpen: () => this.#greet(),
        onLost: () => {
          host.metrics.reconnects.inc({ leg: "data" });
          this.#relay.loseData();
        },
        onMessage: (message) => {
          if (isWakingUp(message)) this.#container.wake();
          this.#relay.takeMessage(message);
        },
        onInput: (input, runnerFrame) => {
          this.#container.wake();
          this.#relay.takeInput(input, runnerFrame);
        },
        onRoom: () => this.#agents.current?.goOn(),
        onOver: () => host.onOver(session, epoch),
      },
    );
    this.#relay = new SessionRelay({
      session,
      epoch,
      agents: this.#agents,
      data: this.#data,
      metrics: host.metrics,
      isResting: () => this.#container.isResting,
      onLay: (message) => host.watchOver(session, this.#laying.ask(message)),
      onLaid: (request) => this.#laying.settle(request),
      onJobs: (isBusy) => this.#pulse.noteJobs(isBusy),
      onPong: () => this.#pulse.notePong(),
    });
    this.#laying = new StarterLaying({
      starters: host.starters,
      agents: this.#agents,
      log: this.#log,
      onFailure: (failure) => this.#relay.takeReply(failure),
    });
    this.#notices = new Notices((notice) => this.#relay.tell({ type: "notice", notice }));
    const watch = new LimitWatch();
    this.#pulse = new SessionPulse({
      session,
      ...{ engine: host.engine, agents: this.#agents, metrics: host.metrics, times: host.patience.pulse },
      onUsage: (usage, nowMs) => {
        for (const code of watch.judge(usage, nowMs)) this.#notices.post(code, nowMs);
      },
      onActive: () => void this.#relay.tell({ type: "active" }),
      watchOver: (work) => host.watchOver(session, work),
    });
    this.#container = new HeldContainer(
      {
        ...{ host, log: this.#log, clock },
        hasAgent: () => this.#agents.current !== null,
        onUp: () => this.#greet(),
        onRestarted: () => this.#notices.post("container_restarted", performance.now()),
        onRested: () => this.#notices.post("put_to_rest", performance.now()),
        onWake: () => this.#relay.loseAgent(),
        closeAgents: () => this.#agents.close(),
        onLost: (failure) => this.#tellLost(failure),
      },
      record,
    );
  }

  get epoch(): number {
    return this.#container.record.epoch;
  }

  get isResting(): boolean {
    return this.#container.isResting;
  }

  get restCandidate(): RestCandidate | null {
    if (!this.#container.mayStop) return null;
    const { isBusy, idleMs } = this.#pulse;
    return { session: this.#container.record.session, isBusy, idleMs };
  }

  /** Opens both sockets and brings the container up, unless it rests. */
  async open(): Promise<void> {
    this.#data.dial();
    const { session, lost } = this.#container.record;
    if (lost !== undefined) return;
    try {
      const directory = await this.#host.engine.openSocketDirectory(session);
      if (!this.#isClosed) await this.#agents.listen(join(directory, "agent.sock"));
      if (this.#isClosed) return await this.#agents.close();
    } catch (error) {
      this.#log.error({ reason: messageOf(error) }, "the agent's socket could not be made");
      return this.#container.lose({ reason: NOT_STARTED, code: "container_failed" });
    }
    await this.#container.open();
  }

  /** The container ended by itself. */
  restart(exitCode: number): Promise<void> {
    return this.#container.restart(exitCode);
  }

  takeBack(): void {
    const tell = (): void => this.#notices.post("took_too_much", performance.now());
    this.#container.renewLater("The container took too much of what all share.", tell);
  }

  putToRest(): Promise<void> {
    return this.#container.rest();
  }

  /** Closes both sockets; the container and the record stay as they are. */
  async close(isGoingAway: boolean): Promise<void> {
    this.#isClosed = true;
    this.#pulse.stop();
    this.#data.close(isGoingAway);
    await Promise.all([this.#agents.close(), this.#container.close()]);
  }

  /** Lets go of the session for good: nothing of it is left on this host. */
  async reap(): Promise<void> {
    const { session } = this.#container.record;
    await this.close(false);
    await this.#host.engine.removeContainer(session);
    await this.#host.records.remove(session);
    this.#log.info("session let go");
  }

  #tellLost({ reason, code }: StartFailure): void {
    const { session, epoch } = this.#container.record;
    const message = reason.slice(0, 500);
    if (!this.#hasGreeted) this.#host.tellPool({ type: "claim_failed", session, epoch, code, message });
    this.#greet();
  }

  #greet(): void {
    const { lost } = this.#container.record;
    if (!this.#data.isOpen || !this.#container.isSettled) return;
    this.#hasGreeted = true;
    this.#relay.greet();
    this.#notices.flush();
    if (lost !== undefined) this.#data.send({ type: "container_lost", message: lost });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
