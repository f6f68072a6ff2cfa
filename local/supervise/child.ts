// Keeps one child process running: starts it, waits until it serves, starts it again when it ends, and stops it for good.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { StartRefusal } from "../start-refusal.ts";
import { nextBackOff } from "./back-off.ts";
import { type HealthCheck, waitForHealth } from "./health.ts";
import type { LogFile } from "./log-file.ts";

export interface ChildPlan {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly health: HealthCheck;
  readonly log: LogFile;
  /** After SIGTERM it has this long before SIGKILL. */
  readonly stopMs: number;
  /** Called with each new pid, and with null when it ended. */
  readonly onPid: (pid: number | null) => void;
  /** Called with one sentence when it ended by itself, and when it serves again. */
  readonly tell: (sentence: string) => void;
}

const HEALTHY_MS = 30_000;

export class SupervisedChild {
  readonly #plan: ChildPlan;
  readonly #stopping = new AbortController();
  #process: ChildProcess | null = null;
  #watch: Promise<void> = Promise.resolve();

  constructor(plan: ChildPlan) {
    this.#plan = plan;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** For a person who wonders why it does not work. */
  get lastWords(): string {
    const { log } = this.#plan;
    const line = log.lastLine();
    return line === null ? "it said nothing" : `${line} (its log: ${log.path})`;
  }

  /** Resolves when it serves; from then on it is kept running. Throws StartRefusal when it does not come up. */
  async start(): Promise<void> {
    const startedAt = performance.now();
    const ended = this.#spawn();
    if (!(await this.#becomesHealthy(ended))) {
      await this.stop();
      throw new StartRefusal(`The ${this.#plan.name} did not start: ${this.lastWords}.`);
    }
    this.#watch = this.#keepRunning(ended, startedAt);
  }

  /** Ends it by force, for a reason that its log keeps; it is then started again as after any end. */
  restart(reason: string): void {
    this.#note(`${reason}: ending it`);
    this.#process?.kill("SIGKILL");
  }

  /** Ends it, by force after its grace; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const running = this.#process;
    if (running !== null) {
      const gone = once(running, "exit");
      running.kill("SIGTERM");
      const force = setTimeout(() => running.kill("SIGKILL"), this.#plan.stopMs);
      await gone;
      clearTimeout(force);
    }
    await this.#watch;
  }

  async #keepRunning(firstEnd: Promise<string>, firstStartedAt: number): Promise<void> {
    let ended = firstEnd;
    let startedAt = firstStartedAt;
    let failures = 0;
    let isServing = true;
    for (;;) {
      const how = await ended;
      if (this.#stopping.signal.aborted) return;
      const backOff = nextBackOff(failures, performance.now() - startedAt);
      failures = backOff.failures;
      this.#note(`${how}; starting it again in ${backOff.delayMs} ms`);
      // One that ends over and over before it serves is told of once.
      if (isServing)
        this.#plan.tell(`The ${this.#plan.name} ${how}; starting it again (its log: ${this.#plan.log.path}).`);
      await delay(backOff.delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      startedAt = performance.now();
      ended = this.#spawn();
      // One that runs and never serves is as good as dead.
      isServing = await this.#becomesHealthy(ended);
      if (isServing) this.#plan.tell(`The ${this.#plan.name} serves again.`);
      else this.#process?.kill("SIGKILL");
    }
  }

  /** Resolves with how it ended. A group of its own: Ctrl-C reaches the supervisor alone, which stops children in order. */
  #spawn(): Promise<string> {
    const { command, environment, onPid } = this.#plan;
    const [program, ...args] = command;
    const child = spawn(program, args, { env: { ...environment }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => this.#plan.log.write(text));
    }
    onPid(child.pid ?? null);
    return new Promise((resolve) => {
      const end = (how: string): void => {
        if (this.#process !== child) return;
        this.#process = null;
        onPid(null);
        resolve(how);
      };
      child.once("error", (error) => {
        this.#note(error.message);
        end(error.message);
      });
      child.once("exit", (code, signal) =>
        end(signal === null ? `ended with exit code ${code}` : `ended by ${signal}`),
      );
    });
  }

  async #becomesHealthy(ended: Promise<string>): Promise<boolean> {
    const over = new AbortController();
    const deadline = AbortSignal.any([over.signal, this.#stopping.signal, AbortSignal.timeout(HEALTHY_MS)]);
    return Promise.race([waitForHealth(this.#plan.health, deadline), ended.then(() => false)]).finally(() =>
      over.abort(),
    );
  }

  #note(text: string): void {
    this.#plan.log.write(`[supervisor] ${new Date().toISOString()} ${text}\n`);
  }
}
