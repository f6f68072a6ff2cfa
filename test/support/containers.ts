// What the private engine of a test's Berth runs.

import { join } from "node:path";
import { LABELS } from "../../runner-host/container/container-spec.ts";
import { Docker } from "../../runner-host/engine/docker.ts";
import { hostLayout } from "../../runner-host/engine/host-layout.ts";

export interface FoundContainer {
  readonly containerId: string;
  readonly session: string;
  readonly isRunning: boolean;
}

export async function listSessionContainers(dataDir: string): Promise<FoundContainer[]> {
  const docker = new Docker(hostLayout(join(dataDir, "engine")).engineSocket);
  const found = await docker.listContainers(LABELS.session);
  return found.map(({ containerId, labels, isRunning }) => ({
    containerId,
    isRunning,
    session: labels[LABELS.session] ?? "",
  }));
}
