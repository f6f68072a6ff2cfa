// Finds the private engine's session containers by their labels.

import { LABELS } from "../container/container-spec.ts";
import type { SessionContainer } from "./container-engine.ts";
import type { ContainerSummary, Docker } from "./docker.ts";

export class SessionContainers {
  readonly #docker: Docker;

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  async list(): Promise<SessionContainer[]> {
    return (await this.#docker.listContainers(LABELS.session)).map(toSessionContainer);
  }

  async of(session: string): Promise<SessionContainer[]> {
    return (await this.#docker.listContainers(`${LABELS.session}=${session}`)).map(toSessionContainer);
  }

  async listSessions(): Promise<string[]> {
    const found = await this.#docker.glanceAtContainers(LABELS.session);
    return found.map((summary) => toSessionContainer(summary).session);
  }
}

function toSessionContainer({ containerId, labels, isRunning }: ContainerSummary): SessionContainer {
  return { session: labels[LABELS.session] ?? "", epoch: Number(labels[LABELS.epoch]), containerId, isRunning };
}
