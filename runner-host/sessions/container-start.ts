// Starts a session's container, again and again until its time is up.

import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { type ContainerRefusal, ContainerRefusedError } from "../engine/container-engine.ts";
import type { SessionHost } from "./session-host.ts";
import type { SessionRecord } from "./session-records.ts";
import { StartAttempts } from "./start-attempts.ts";

/** What a learner is told; the engine's own words, with this host's paths in them, are for the log. */
export const NOT_STARTED = "The runner host could not start your container.";

export interface StartFailure {
  reason: string;
  code: "container_failed" | "image_missing" | "no_room";
}

/** What no further attempt changes. */
const REFUSALS: Record<ContainerRefusal, StartFailure["code"] | null> = {
  stale_epoch: null,
  image_missing: "image_missing",
  files_lost: "container_failed",
  disk_full: "no_room",
};

export interface ContainerStart {
  host: Pick<SessionHost, "engine" | "patience">;
  record: SessionRecord;
  log: Logger;
  isWanted(): boolean;
  /** The time that it has is counted from here. */
  fromMs: number;
  /** One that still runs is left running unless it must stop first. */
  mustStop: boolean;
}

export async function startContainer(start: ContainerStart): Promise<StartFailure | "started" | "unwanted"> {
  const { host, log, isWanted } = start;
  const { session, epoch, images } = start.record;
  const attempts = new StartAttempts(start.fromMs, host.patience.startMs);
  for (let mustStop = start.mustStop; isWanted();) {
    try {
      if (mustStop) await host.engine.stopContainer(session);
      mustStop = false;
      // It was let go of meanwhile: nothing may be made of what has been removed.
      if (!isWanted()) break;
      await host.engine.ensureContainer({ session, epoch, images });
      return isWanted() ? "started" : "unwanted";
    } catch (error) {
      if (!isWanted()) break;
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ reason }, "the container did not start");
      const code = error instanceof ContainerRefusedError ? REFUSALS[error.code] : null;
      if (code !== null) return { reason, code };
      const pauseMs = attempts.nextPauseMs(performance.now());
      if (pauseMs === null) return { reason: NOT_STARTED, code: "container_failed" };
      await delay(pauseMs);
    }
  }
  return "unwanted";
}
