// Says whether a data directory has room for what a start writes.

import { statfs } from "node:fs/promises";
import { StartRefusal } from "../start-refusal.ts";

const GiB = 1024 ** 3;
/** The session image, the lab images and the engine's copy of both take 2.5 GiB when they are built; after that a session takes at most 2 GiB. */
const FIRST_START_BYTES = 5 * GiB;
const LATER_START_BYTES = 2 * GiB;
const WITHOUT_RUNNER_BYTES = GiB / 2;

export interface SpaceNeed {
  readonly withRunner: boolean;
  readonly hasImages: boolean;
}

export function bytesNeeded({ withRunner, hasImages }: SpaceNeed): number {
  if (!withRunner) return WITHOUT_RUNNER_BYTES;
  return hasImages ? LATER_START_BYTES : FIRST_START_BYTES;
}

/** Throws StartRefusal when there is too little. */
export async function requireSpace(directory: string, need: SpaceNeed): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const needed = bytesNeeded(need);
  if (free >= needed) return;
  throw new StartRefusal(
    `${directory} has ${gibibytes(free)} GiB free and Berth needs ${gibibytes(needed)}: free some, or choose another disk with --data-dir.`,
  );
}

function gibibytes(bytes: number): string {
  return (bytes / GiB).toFixed(1);
}
