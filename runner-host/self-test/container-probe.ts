// Runs the self-test's scripts inside one container, through the engine: no agent is needed for it.

import { readFile } from "node:fs/promises";
import { Docker } from "../engine/docker.ts";
import { type CommandAnswer, CheckFailed } from "./check.ts";

const LEARNER = "learner";
const SCRIPT_MS = 60_000;

export interface ContainerProbe {
  run(script: string): Promise<CommandAnswer>;
  readUserMap(): Promise<string>;
}

export async function openContainerProbe(engineSocket: string, containerId: string): Promise<ContainerProbe> {
  const docker = new Docker(engineSocket);
  return {
    run: (script) => docker.runInside(containerId, ["bash", "-c", script], LEARNER, SCRIPT_MS),
    async readUserMap() {
      const pid = await docker.findFirstProcess(containerId);
      if (pid === null) throw new CheckFailed("The container ended.");
      return readFile(`/proc/${pid}/uid_map`, "utf8");
    },
  };
}
