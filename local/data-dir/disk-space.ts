// Says whether a data directory has room for what a start writes.

import { statfs } from "node:fs/promises";
import { StartRefusal } from "../start-refusal.ts";

const GiB = 1024 ** 3;
/** One session's disk at its fullest; what building the images takes is checked where they are built. */
const WITH_RUNNER_BYTES = 2 * GiB;
const WITHOUT_RUNNER_BYTES = GiB / 2;

/** Throws StartRefusal when there is too little. */
export async function requireSpace(directory: string, withRunner: boolean): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const needed = withRunner ? WITH_RUNNER_BYTES : WITHOUT_RUNNER_BYTES;
  if (free >= needed) return;
  throw new StartRefusal(
    `${directory} has ${gibibytes(free)} GiB free and Berth needs ${gibibytes(needed)}: free some, or choose another disk with --data-dir.`,
  );
}

function gibibytes(bytes: number): string {
  return (bytes / GiB).toFixed(1);
}
