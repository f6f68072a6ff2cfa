// What the daemon needs of whatever runs session containers; Docker and the fake one for tests obey the same contract (test/runner-host/engine/contract.ts).

import type { ContainerUsage } from "./container-usage.ts";
import type { SessionsMemory } from "./sessions-memory.ts";

export interface SessionContainer {
  session: string;
  epoch: number;
  containerId: string;
  isRunning: boolean;
}

export interface ContainerClaim {
  session: string;
  epoch: number;
  /** Lab images that must be preloaded in it. */
  images: string[];
}

/** A container's first process ended without the engine being asked to end it. */
export interface ContainerEnd {
  session: string;
  epoch: number;
  containerId: string;
  exitCode: number;
}

/** The last two: the session's files are gone from here; there is no room on this host's disk for those of a new one. */
export type ContainerRefusal = "stale_epoch" | "image_missing" | "files_lost" | "disk_full";

export class ContainerRefusedError extends Error {
  override readonly name = "ContainerRefusedError";
  readonly code: ContainerRefusal;

  constructor(code: ContainerRefusal, message: string) {
    super(message);
    this.code = code;
  }
}

export interface SharedUse {
  /** What all sessions hold together. */
  readMemory(): Promise<SessionsMemory>;

  /** The id of the container that has most pseudo-terminals, when more than half of the machine's are taken; null as a rule. */
  findTerminalHog(): Promise<string | null>;
}

export interface ContainerEngine {
  /** Lab images preloaded in every container. */
  readonly images: readonly string[];

  /** What the sessions of this host take of what they share. */
  readonly shared: SharedUse;

  /**
   * The host folder whose `agent.sock` the session's agent dials, made when it is not there. Listen there (any local user
   * must be able to connect: mode 0666) before ensureContainer, and the agent's first attempt succeeds.
   */
  openSocketDirectory(session: string): Promise<string>;

  /**
   * One running container for the session at this epoch: made, or started again with all its files after the host was
   * down, or left as it is. A container of an older epoch is replaced and its files kept. Calls for one session are
   * served one after another. Throws ContainerRefusedError for an older epoch than the container's, or an image that is not here.
   */
  ensureContainer(claim: ContainerClaim): Promise<{ containerId: string; socketDirectory: string }>;

  /** Ends the session's processes; its files stay for the next ensureContainer. Nothing happens when there is none. */
  stopContainer(session: string): Promise<void>;

  /** Ends and deletes all that belongs to the session, its files too. Nothing happens when there is nothing. */
  removeContainer(session: string): Promise<void>;

  /**
   * Stops the session's processes where they are, until thawContainer: they keep their memory and use no processor. Within the call, without
   * asking the engine. False when there is nothing to freeze now: no running container, or one that is just being started, stopped or removed.
   * What is frozen is thawed by itself before it is ensured, stopped or removed, also by an engine that was opened after another one froze it.
   */
  freezeContainer(session: string): boolean;

  /** Lets them go on: they do when it returns. Nothing happens when nothing is frozen. */
  thawContainer(session: string): void;

  /** What the kernel has counted for the session's container; null when none runs. Asks nothing of the engine and of whatever is in the container. */
  readUsage(session: string): Promise<ContainerUsage | null>;

  listContainers(): Promise<SessionContainer[]>;

  /** Sessions of which anything is here: a container, a disk or half of one, a mount, a socket folder. */
  listTraces(): Promise<string[]>;

  /** Clears what belongs to no session and no container, and looks for containers that ended without being noticed. */
  sweep(): Promise<void>;

  /** Calls back for every container that ends by itself, until the returned function is called. */
  watch(onEnd: (end: ContainerEnd) => void): () => void;

  /** Lets go of the engine; containers run on. */
  close(): Promise<void>;
}
