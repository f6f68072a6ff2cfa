// Owns one session's pulse: looks at what its container uses, pauses it when nothing happens in it, and wakes it before anything is asked of it.

import { limits } from "#wire/limits.ts";
import type { ContainerEngine } from "../engine/container-engine.ts";
import type { ContainerUsage } from "../engine/container-usage.ts";
import type { HostMetrics } from "../metrics.ts";
import type { AgentConnection } from "./agent-connection.ts";
import { PauseRule, type PauseTimes } from "./pause-rule.ts";

/** What a pulse asks and tells. */
export interface PulseSurroundings {
  session: string;
  engine: Pick<ContainerEngine, "freezeContainer" | "thawContainer" | "readUsage">;
  agents: { readonly current: Pick<AgentConnection, "pongsDue" | "ping" | "rest" | "wake"> | null };
  metrics: Pick<HostMetrics, "pausedSessions" | "thawSeconds">;
  times: PulseTimes;
  nowMs?: () => number;
  /** Every reading of the kernel's counters. */
  onUsage(usage: ContainerUsage, nowMs: number): void;
  /** A foreground job runs: at most once in limits.activityNoteEveryMs. */
  onActive(): void;
  /** Reports what goes wrong in a look. */
  watchOver(work: Promise<void>): void;
}

export interface PulseTimes extends PauseTimes {
  /** How often a session that is not paused is looked at. */
  lookEveryMs: number;
}

/**
 * A session is paused only with an agent that has answered everything: the last ping asks it for its foreground jobs, and after the pong
 * nothing is under way. From then on its silence is no sign of anything; a paused session has no timer here.
 */
export class SessionPulse {
  readonly #around: PulseSurroundings;
  readonly #rule: PauseRule;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isAsking = false;
  #activeSaidAtMs = Number.NEGATIVE_INFINITY;

  constructor(around: PulseSurroundings) {
    this.#around = around;
    this.#nowMs = around.nowMs ?? (() => performance.now());
    this.#rule = new PauseRule(around.times, this.#nowMs());
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether a foreground job runs. */
  get isBusy(): boolean {
    return this.#rule.isBusy;
  }

  /** Since the session was used last. */
  get idleMs(): number {
    return this.#rule.idleMs(this.#nowMs());
  }

  /** The container has an agent. */
  start(): void {
    this.#rule.noteUse(this.#nowMs());
    this.#lookRegularly();
    this.#around.watchOver(this.look());
  }

  /** The agent is gone, or the session is let go. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isAsking = false;
    this.#rule.noteJobs(false, this.#nowMs());
    this.#rule.forgetCpu();
    if (this.#isPaused) this.#thaw();
  }

  /** Something was sent to the agent, which has to answer it. */
  noteUse(): void {
    const nowMs = this.#nowMs();
    this.#rule.noteUse(nowMs);
    if (!this.#isPaused) return;
    this.#thaw();
    this.#around.agents.current?.wake();
    this.#rule.forgetCpu();
    this.#lookRegularly();
  }

  noteJobs(isBusy: boolean): void {
    const nowMs = this.#nowMs();
    this.#rule.noteJobs(isBusy, nowMs);
    this.#sayActive(nowMs);
  }

  /** The agent has answered a ping. */
  notePong(): void {
    const agent = this.#around.agents.current;
    if (!this.#isAsking || agent === null || agent.pongsDue > 0) return;
    this.#isAsking = false;
    if (!this.#rule.mayPause(this.#nowMs()) || !this.#around.engine.freezeContainer(this.#around.session)) return;
    agent.rest();
    this.#isPaused = true;
    this.#around.metrics.pausedSessions.inc();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lookRegularly(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#around.watchOver(this.look()), this.#around.times.lookEveryMs);
  }

  /** One look, as the timer does it. */
  async look(): Promise<void> {
    const usage = await this.#around.engine.readUsage(this.#around.session);
    if (usage === null || this.#timer === undefined) return;
    const nowMs = this.#nowMs();
    this.#rule.noteCpu(usage.cpuMs, nowMs);
    this.#around.onUsage(usage, nowMs);
    this.#sayActive(nowMs);
    if (this.#isAsking || !this.#rule.mayPause(nowMs)) return;
    this.#isAsking = true;
    this.#around.agents.current?.ping();
  }

  #sayActive(nowMs: number): void {
    if (!this.#rule.isBusy || nowMs - this.#activeSaidAtMs < limits.activityNoteEveryMs) return;
    this.#activeSaidAtMs = nowMs;
    this.#around.onActive();
  }

  #thaw(): void {
    const end = this.#around.metrics.thawSeconds.startTimer();
    this.#around.engine.thawContainer(this.#around.session);
    end();
    this.#isPaused = false;
    this.#around.metrics.pausedSessions.dec();
  }
}
