// Finds the pid of each process of a running Berth that a test kills.

import { readdirSync, readFileSync } from "node:fs";
import { LABELS } from "../../runner-host/container/container-spec.ts";
import { Docker } from "../../runner-host/engine/docker.ts";
import { ENGINE_DAEMONS, findEngineProcesses } from "../../runner-host/engine/processes.ts";
import type { KillTarget } from "./kill-plan.ts";
import type { Stack } from "./stack.ts";
import { layoutOf } from "./traces.ts";

const AGENT_SCRIPT = "/opt/berth/agent/";

/** Null while there is none. */
export async function findTarget(stack: Stack, session: string, target: KillTarget): Promise<number | null> {
  const layout = layoutOf(stack.dataDir);
  switch (target) {
    case "edge":
    case "runner-host":
    case "database":
      return (await stack.children())[target]?.pid ?? null;
    case "dockerd":
    case "containerd": {
      const [found] = await findEngineProcesses(
        layout.run,
        ENGINE_DAEMONS.filter((name) => name === target),
      );
      return found?.pid ?? null;
    }
    case "init":
      return findFirstProcess(stack, session);
    case "shim": {
      const first = await findFirstProcess(stack, session);
      return first === null ? null : parentOf(first);
    }
    case "agent": {
      const first = await findFirstProcess(stack, session);
      return first === null ? null : findAgent(first);
    }
    default:
      return target satisfies never;
  }
}

async function findFirstProcess(stack: Stack, session: string): Promise<number | null> {
  const docker = new Docker(layoutOf(stack.dataDir).engineSocket);
  try {
    const [container] = await docker.glanceAtContainers(`${LABELS.session}=${session}`);
    return container === undefined ? null : await docker.findFirstProcess(container.containerId);
  } catch {
    // The engine is away, or the container went in between.
    return null;
  }
}

function parentOf(pid: number): number | null {
  const parent = /^PPid:\s+(\d+)$/m.exec(readOr(`/proc/${pid}/status`))?.[1];
  return parent === undefined ? null : Number(parent);
}

/** The agent is a child of the container's first process. */
function findAgent(first: number): number | null {
  const found = readdirSync("/proc").find((pid) => {
    return (
      /^\d+$/.test(pid) && parentOf(Number(pid)) === first && readOr(`/proc/${pid}/cmdline`).includes(AGENT_SCRIPT)
    );
  });
  return found === undefined ? null : Number(found);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended meanwhile.
    return "";
  }
}
