// Watches the private engine of a running Berth. It is one child's to start; when it died, that child is started anew and brings it back.

import { adoptEngine, cleanLeftovers } from "../../runner-host/engine/engine.ts";
import { identifyProcess, isRunning, type ProcessIdentity } from "../../runner-host/engine/processes.ts";
import type { SupervisedChild } from "./child.ts";

const LOOK_EVERY_MS = 1_000;

export function watchEngine(directory: string, user: SupervisedChild, undo: AsyncDisposableStack): void {
  let known: ProcessIdentity | null = null;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (known !== null && !(await isRunning(known))) {
      known = null;
      user.restart("the engine ended");
      return;
    }
    const engine = known === null ? await adoptEngine({ directory }) : null;
    if (engine !== null) known = await identifyProcess(engine.pid);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, LOOK_EVERY_MS);
  undo.defer(() => clearInterval(timer));
}

/** Whoever started it; also clears what is left of one that died. */
export async function stopEngine(directory: string): Promise<void> {
  const engine = await adoptEngine({ directory });
  if (engine === null) await cleanLeftovers(directory);
  else await engine.stop();
}
