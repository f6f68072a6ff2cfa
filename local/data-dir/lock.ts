// Owns the right to run on a data directory.

import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { type KernelLock, takeKernelLock } from "../../runner-host/kernel-lock.ts";

export type DataLock = KernelLock;

/** Null when another process holds it. */
export async function lockDirectory(directory: string): Promise<DataLock | null> {
  const hash = createHash("sha256")
    .update(await realpath(directory))
    .digest("hex")
    .slice(0, 32);
  return takeKernelLock(`berth-${hash}`);
}
