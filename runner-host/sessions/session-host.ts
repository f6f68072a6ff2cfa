// What a held session needs of the host around it.

import type { Logger } from "pino";
import type { HostControlMessage } from "#wire/runner.ts";
import type { ContainerEngine } from "../engine/container-engine.ts";
import type { HostMetrics } from "../metrics.ts";
import type { Patience } from "./patience.ts";
import type { SessionRecords } from "./session-records.ts";
import type { StarterSource } from "./starter-source.ts";

export interface SessionHost {
  edgeUrl: string;
  credential: string;
  engine: ContainerEngine;
  records: SessionRecords;
  starters: StarterSource;
  metrics: HostMetrics;
  patience: Patience;
  log: Logger;
  /** Tells the pool; lost while the control socket is down. */
  tellPool(message: HostControlMessage): void;
  /** Reports what goes wrong in work for a session that nobody waits for. */
  watchOver(session: string, work: Promise<void>): void;
  /** The edge ended the session: the host lets go of it and of all that belongs to it. */
  onOver(session: string, epoch: number): void;
}
