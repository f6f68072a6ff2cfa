// Tells who watches about containers that end by themselves, across restarts of the engine's event stream.

import { setTimeout as delay } from "node:timers/promises";
import { LABELS } from "../container/container-spec.ts";
import type { ContainerEnd } from "./container-engine.ts";
import type { ContainerExit, Docker } from "./docker.ts";

const RETRY_MS = 500;

export class EndWatch {
  readonly #docker: Docker;
  readonly #watchers = new Set<(end: ContainerEnd) => void>();
  /** Ended on request: their exit is no news. */
  readonly #expected = new Set<string>();
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

  expect(containerId: string): void {
    this.#expected.add(containerId);
  }

  close(): void {
    this.#isClosed = true;
    this.#watchers.clear();
    this.#stopEvents();
  }

  /** The stream ended, so the engine is going or gone; its containers went with it and are found stopped by whoever asks next. */
  async #reopen(): Promise<void> {
    while (!this.#isClosed) {
      await delay(RETRY_MS, undefined, { ref: false });
      if (this.#isClosed || !(await this.#docker.isAnswering())) continue;
      try {
        await this.open();
        return;
      } catch (error) {
        process.emitWarning(
          `The engine's events cannot be followed: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  #report(exit: ContainerExit): void {
    if (this.#expected.delete(exit.containerId)) return;
    const end = {
      session: exit.labels[LABELS.session] ?? "",
      epoch: Number(exit.labels[LABELS.epoch]),
      containerId: exit.containerId,
      exitCode: exit.exitCode,
    };
    for (const onEnd of this.#watchers) onEnd(end);
  }
}
