// Owns one session's container on this host: keeps it running, starts it again when it is of no use, lets it rest, and gives it up when it cannot run.

import type { Logger } from "pino";
import { type StartFailure, startContainer } from "./container-start.ts";
import { RestartBudget } from "./restart-budget.ts";
import type { SessionHost } from "./session-host.ts";
import type { SessionRecord } from "./session-records.ts";
import { SessionRest } from "./session-rest.ts";
import type { StartClock } from "./start-clock.ts";

export interface ContainerSurroundings {
  host: SessionHost;
  log: Logger;
  clock: StartClock;
  hasAgent(): boolean;
  onUp(): void;
  /** It runs again, and programs and terminals are new. */
  onRestarted(): void;
  onRested(): void;
  /** It rested, and is about to be started. */
  onWake(): void;
  /** Before it is removed. */
  closeAgents(): Promise<void>;
  /** It is gone for good; the record says why. */
  onLost(failure: StartFailure): void;
}

export class HeldContainer {
  readonly #around: ContainerSurroundings;
  readonly #budget = new RestartBudget();
  readonly #rest: SessionRest;
  #record: SessionRecord;
  #isClosed = false;
  #isUp = false;
  #isRenewing = false;
  #absence: NodeJS.Timeout | undefined;

  constructor(around: ContainerSurroundings, record: SessionRecord) {
    this.#around = around;
    this.#record = record;
    const steps = {
      save: (isResting: boolean) => this.#save({ resting: isResting }),
      stop: () => around.host.engine.stopContainer(record.session),
      onRested: () => around.onRested(),
      start: () => {
        around.onWake();
        return this.#bringUp(performance.now());
      },
    };
    this.#rest = new SessionRest(steps, record.resting ?? false);
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get isResting(): boolean {
    return this.#rest.isResting;
  }

  /** The session may hear of it: it runs, rests or is lost. */
  get isSettled(): boolean {
    return this.#isUp || this.isResting || this.#record.lost !== undefined;
  }

  /** It runs, and nothing is being done to it. */
  get mayStop(): boolean {
    return this.#isUp && !this.#isRenewing && !this.#isClosed;
  }

  /** Brings it up, unless it rests. */
  async open(): Promise<void> {
    if (this.isResting) this.#around.onUp();
    else await this.#bringUp(this.#around.clock.claimedAtMs);
  }

  /** It ended by itself. */
  async restart(exitCode: number): Promise<void> {
    if (this.#isClosed || this.#record.lost !== undefined || this.isResting) return;
    const { host, log } = this.#around;
    this.#isUp = false;
    log.warn({ exitCode }, "the container ended by itself");
    if (!this.#budget.take(performance.now()))
      return this.lose({ reason: "The container kept ending by itself.", code: "container_failed" });
    host.metrics.containerRestarts.inc();
    await this.#bringUp(performance.now());
    if (this.#isUp) this.#around.onRestarted();
  }

  noteAgent(): void {
    clearTimeout(this.#absence);
  }

  /** A container that runs and is not reached is of no use: with no agent for long, it is started again. */
  awaitAgent(): void {
    clearTimeout(this.#absence);
    if (this.#isClosed || !this.#isUp || this.#around.hasAgent()) return;
    const renew = () => this.renewLater("The container's agent did not answer any more.");
    this.#absence = setTimeout(renew, this.#around.host.patience.agentMs);
  }

  /** Starts it again from its disk, with the agent that is here; `tell` says so once it runs. */
  renewLater(reason: string, tell = () => this.#around.onRestarted()): void {
    this.#around.host.watchOver(this.#record.session, this.#renew(reason, tell));
  }

  async #renew(reason: string, tell: () => void): Promise<void> {
    if (!this.mayStop) return;
    this.#isRenewing = true;
    this.#around.log.warn({ reason }, "the container is started again");
    try {
      if (!this.#budget.take(performance.now())) await this.lose({ reason, code: "container_failed" });
      else await this.#bringUp(performance.now(), true);
      if (this.#isUp) tell();
    } finally {
      this.#isRenewing = false;
    }
  }

  async rest(): Promise<void> {
    this.#isUp = false;
    clearTimeout(this.#absence);
    await this.#rest.begin();
  }

  /** The session asks for it; nothing happens when it does not rest. */
  wake(): void {
    if (this.isResting) this.#around.host.watchOver(this.#record.session, this.#rest.end());
  }

  /** Gives it up; the record stays until the edge has heard it. */
  async lose(failure: StartFailure): Promise<void> {
    const { host, log, closeAgents, onLost } = this.#around;
    const { session } = this.#record;
    this.#isUp = false;
    clearTimeout(this.#absence);
    log.error({ reason: failure.reason }, "the container is given up");
    await this.#save({ lost: failure.reason.slice(0, 500) });
    await closeAgents();
    await host.engine.removeContainer(session).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ reason }, "the lost container could not be removed yet");
    });
    onLost(failure);
  }

  /** It stays as it is, and so does its record. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#absence);
    await this.#rest.settle();
  }

  /** Tries until its time, counted from `fromMs`, is up. */
  async #bringUp(fromMs: number, mustStop = false): Promise<void> {
    const { host, log, clock, onUp } = this.#around;
    const isWanted = (): boolean => !this.#isClosed;
    const outcome = await startContainer({ host, record: this.#record, log, isWanted, fromMs, mustStop });
    if (outcome === "unwanted" || !isWanted()) return;
    if (outcome !== "started") return this.lose(outcome);
    this.#isUp = true;
    this.awaitAgent();
    clock.noteContainer();
    onUp();
  }

  async #save(changes: Partial<SessionRecord>): Promise<void> {
    if (this.#isClosed) return;
    this.#record = { ...this.#record, ...changes };
    await this.#around.host.records.save(this.#record);
  }
}
