// Tells who watches about containers that end by themselves, also of those that ended while the engine was away.

import { setTimeout as delay } from "node:timers/promises";
import { LABELS } from "../container/container-spec.ts";
import type { ContainerEnd } from "./container-engine.ts";
import type { ContainerExit, Docker } from "./docker.ts";

const RETRY_MS = 250;
/** Docker has none to tell for a container that was removed, or ended while it was away. */
const EXIT_CODE_UNKNOWN = -1;

type Placed = { session: string; epoch: number };

export class EndWatch {
  readonly #docker: Docker;
  readonly #watchers = new Set<(end: ContainerEnd) => void>();
  /** Containers that run, or are about to, by id: each is told of once, and none that was asked to end. */
  readonly #followed = new Map<string, Placed>();
  /** Those of them that have been seen running: what is not running yet has not ended. */
  readonly #started = new Set<string>();
  #stopEvents: () => void = () => undefined;
  #isClosed = false;

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  async open(): Promise<void> {
    this.#stopEvents = await this.#docker.watchExits(
      LABELS.session,
      (exit) => this.#report(exit),
      () => void this.#reopen(),
    );
    if (this.#isClosed) this.#stopEvents();
  }

  watch(onEnd: (end: ContainerEnd) => void): () => void {
    this.#watchers.add(onEnd);
    return () => this.#watchers.delete(onEnd);
  }

  /** Before it is started. */
  follow(containerId: string, placed: Placed): void {
    this.#followed.set(containerId, placed);
  }

  /** When it was started, unless it has ended since, or was found running. */
  noteRunning(containerId: string): void {
    if (this.#followed.has(containerId)) this.#started.add(containerId);
  }

  /** It is asked to end, which is no news. */
  expect(containerId: string): void {
    this.#forget(containerId);
  }

  close(): void {
    this.#isClosed = true;
    this.#watchers.clear();
    this.#stopEvents();
  }

  /** The stream ended, so the engine is going or gone, and its containers live on without it. */
  async #reopen(): Promise<void> {
    while (!this.#isClosed) {
      await delay(RETRY_MS, undefined, { ref: false });
      if (this.#isClosed || !(await this.#docker.isAnswering())) continue;
      try {
        await this.open();
        await this.findMissed();
        return;
      } catch (error) {
        process.emitWarning(
          `The engine's events cannot be followed: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  /** Reports those that run no more and of which no event told. */
  async findMissed(): Promise<void> {
    const started = [...this.#started];
    const running = new Set(
      (await this.#docker.glanceAtContainers(LABELS.session))
        .filter(({ isRunning }) => isRunning)
        .map(({ containerId }) => containerId),
    );
    for (const containerId of started) {
      if (!running.has(containerId)) this.#report({ containerId, exitCode: EXIT_CODE_UNKNOWN });
    }
  }

  #report({ containerId, exitCode }: Pick<ContainerExit, "containerId" | "exitCode">): void {
    const placed = this.#followed.get(containerId);
    if (placed === undefined) return;
    this.#forget(containerId);
    for (const onEnd of this.#watchers) onEnd({ ...placed, containerId, exitCode });
  }

  #forget(containerId: string): void {
    this.#followed.delete(containerId);
    this.#started.delete(containerId);
  }
}
