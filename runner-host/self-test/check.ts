// What a check of a host's self-test is: what is tried in a real session container, and what follows for the host when it fails.

import type { ContainerUsage } from "../engine/container-usage.ts";

/** What a host that fails the check cannot offer: any session, challenges that need images, or rest for idle sessions. */
export type Need = "sessions" | "images" | "pausing";

export interface CommandAnswer {
  exitCode: number;
  /** Standard output and error as they came. */
  output: string;
}

/** The container that the checks are tried in. */
export interface TestedContainer {
  /** Lab images that it should hold. */
  readonly images: readonly string[];
  /** Addresses of this machine, with a server on every one of them at `port`. */
  readonly hostAddresses: readonly string[];
  readonly port: number;
  /** Runs a shell script as the learner (who may use sudo); throws when it takes too long. */
  run(script: string): Promise<CommandAnswer>;
  readUsage(): Promise<ContainerUsage>;
  /** `inside outside length` of its user namespace. */
  readUserMap(): Promise<string>;
  freeze(): void;
  thaw(): void;
}

export interface Check {
  name: string;
  need: Need;
  /** Resolves with one sentence about what was found; throws CheckFailed when it is not what it must be. */
  prove(container: TestedContainer): Promise<string>;
}

export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new CheckFailed(otherwise);
}
