// Owns one claimed session on this host: keeps its container running and its two sockets open until it is let go.

import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { ContainerRefusedError } from "../engine/container-engine.ts";
import { AgentServer } from "./agent-server.ts";
import { DataLink } from "./data-link.ts";
import { LimitWatch } from "./limit-watch.ts";
import { Notices } from "./notices.ts";
import { RestartBudget } from "./restart-budget.ts";
import type { SessionHost } from "./session-host.ts";
import { SessionPulse } from "./session-pulse.ts";
import type { SessionRecord } from "./session-records.ts";
import { SessionRelay } from "./session-relay.ts";
import { StartAttempts } from "./start-attempts.ts";
import { StartClock } from "./start-clock.ts";
import { StarterLaying } from "./starter-laying.ts";

/** What a learner is told; the engine's own words, with this host's paths in them, are for the log. */
const NOT_STARTED = "The runner host could not start your container.";

/** `open`: sockets are held; `closed`: let go, nothing is started any more. */
type Phase = "open" | "closed";

export class HeldSession {
  readonly #host: SessionHost;
  readonly #log: Logger;
  readonly #agents: AgentServer;
  readonly #data: DataLink;
  readonly #relay: SessionRelay;
  readonly #laying: StarterLaying;
  readonly #pulse: SessionPulse;
  readonly #notices: Notices;
  readonly #budget = new RestartBudget();
  readonly #clock: StartClock;
  #record: SessionRecord;
  #phase: Phase = "open";
  #isContainerUp = false;
  #hasGreeted = false;
  #isRenewing = false;
  #absence: NodeJS.Timeout | undefined;

  constructor(host: SessionHost, record: SessionRecord, isFresh: boolean) {
    const { session, epoch, ticket } = record;
    this.#host = host;
    this.#record = record;
    this.#clock = new StartClock(host.metrics, isFresh);
    this.#log = host.log.child({ session, epoch });
    this.#agents = new AgentServer({
      onUp: (_agent, terminals) => {
        this.#clock.noteAgent();
        clearTimeout(this.#absence);
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
        this.#awaitAgent();
      },
      onReply: (message) => this.#relay.takeReply(message),
      onOutput: (output, runnerFrame) => this.#relay.takeOutput(output, runnerFrame),
      onUse: () => this.#pulse.noteUse(),
      onDrain: () => this.#relay.takeDrain(),
      onOutdated: () => this.#renewLater("The container's agent speaks another version."),
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
        onMessage: (message) => this.#relay.takeMessage(message),
        onInput: (input, runnerFrame) => this.#relay.takeInput(input, runnerFrame),
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
  }

  get epoch(): number {
    return this.#record.epoch;
  }

  /** Opens both sockets and brings the container up. */
  async open(): Promise<void> {
    this.#data.dial();
    if (this.#record.lost !== undefined) return;
    try {
      const directory = await this.#host.engine.openSocketDirectory(this.#record.session);
      if (this.#phase === "open") await this.#agents.listen(join(directory, "agent.sock"));
      if (this.#phase === "closed") return await this.#agents.close();
    } catch (error) {
      this.#log.error({ reason: messageOf(error) }, "the agent's socket could not be made");
      return this.#lose(NOT_STARTED, "container_failed");
    }
    await this.#bringUp(this.#clock.claimedAtMs);
  }

  /** The container ended by itself. */
  async restart(exitCode: number): Promise<void> {
    if (this.#phase === "closed" || this.#record.lost !== undefined) return;
    this.#isContainerUp = false;
    this.#log.warn({ exitCode }, "the container ended by itself");
    if (!this.#budget.take(performance.now()))
      return this.#lose("The container kept ending by itself.", "container_failed");
    this.#host.metrics.containerRestarts.inc();
    await this.#bringUp(performance.now());
    this.#noteRestart();
  }

  /** A container that runs and is not reached is of no use: with no agent for long, it is started again. */
  #awaitAgent(): void {
    clearTimeout(this.#absence);
    if (this.#phase === "closed" || !this.#isContainerUp || this.#agents.current !== null) return;
    const renew = () => this.#renewLater("The container's agent did not answer any more.");
    this.#absence = setTimeout(renew, this.#host.patience.agentMs);
  }

  #renewLater(reason: string): void {
    this.#host.watchOver(this.#record.session, this.#renew(reason));
  }

  /** Starts the container again from its disk, with the agent that is here. */
  async #renew(reason: string): Promise<void> {
    if (this.#isRenewing || this.#phase === "closed" || !this.#isContainerUp) return;
    this.#isRenewing = true;
    this.#log.warn({ reason }, "the container is started again");
    try {
      if (!this.#budget.take(performance.now())) await this.#lose(reason, "container_failed");
      else await this.#bringUp(performance.now(), true);
      this.#noteRestart();
    } finally {
      this.#isRenewing = false;
    }
  }

  #noteRestart(): void {
    if (this.#isContainerUp) this.#notices.post("container_restarted", performance.now());
  }

  /** Closes both sockets; the container and the record stay as they are. */
  async close(isGoingAway: boolean): Promise<void> {
    this.#phase = "closed";
    clearTimeout(this.#absence);
    this.#pulse.stop();
    this.#data.close(isGoingAway);
    await this.#agents.close();
  }

  /** Lets go of the session for good: nothing of it is left on this host. */
  async reap(): Promise<void> {
    await this.close(false);
    await this.#host.engine.removeContainer(this.#record.session);
    await this.#host.records.remove(this.#record.session);
    this.#log.info("session let go");
  }

  /** Tries until its time, counted from `fromMs`, is up; a container that still runs is left running unless it must stop first. */
  async #bringUp(fromMs: number, mustStop = false): Promise<void> {
    const { session, epoch, images } = this.#record;
    const attempts = new StartAttempts(fromMs, this.#host.patience.startMs);
    while (this.#phase === "open") {
      try {
        if (mustStop) await this.#host.engine.stopContainer(session);
        mustStop = false;
        await this.#host.engine.ensureContainer({ session, epoch, images });
        if (this.#phase !== "open") return;
        this.#isContainerUp = true;
        this.#awaitAgent();
        this.#clock.noteContainer();
        return this.#greet();
      } catch (error) {
        if (this.#phase !== "open") return;
        this.#log.error({ reason: messageOf(error) }, "the container did not start");
        if (error instanceof ContainerRefusedError && error.code === "image_missing")
          return this.#lose(messageOf(error), "image_missing");
        const pauseMs = attempts.nextPauseMs(performance.now());
        if (pauseMs === null) return this.#lose(NOT_STARTED, "container_failed");
        await delay(pauseMs);
      }
    }
  }

  /** Gives the container up; the record stays until the edge has heard it. */
  async #lose(reason: string, code: "container_failed" | "image_missing"): Promise<void> {
    const { session, epoch } = this.#record;
    const message = reason.slice(0, 500);
    this.#isContainerUp = false;
    clearTimeout(this.#absence);
    this.#log.error({ reason }, "the container is given up");
    this.#record = { ...this.#record, lost: message };
    await this.#host.records.save(this.#record);
    await this.#agents.close();
    await this.#host.engine.removeContainer(session).catch((error: unknown) => {
      this.#log.error({ reason: messageOf(error) }, "the lost container could not be removed yet");
    });
    if (!this.#hasGreeted) this.#host.tellPool({ type: "claim_failed", session, epoch, code, message });
    this.#greet();
  }

  #greet(): void {
    const { lost } = this.#record;
    if (!this.#data.isOpen || (!this.#isContainerUp && lost === undefined)) return;
    this.#hasGreeted = true;
    this.#relay.greet();
    this.#notices.flush();
    if (lost !== undefined) this.#data.send({ type: "container_lost", message: lost });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
