// Owns what one session may use: what the page says too (schema/wire/lab-limits.ts), and what only the kernel asks for.

import { labLimits } from "#wire/lab-limits.ts";

const MiB = 1024 * 1024;

export const containerLimits = {
  ...labLimits,
  /** Files in it: one for every 16 KiB, ext4's usual ratio. */
  diskInodes: 131_072,
  /** Descriptors of one process; Docker's own default would be a million, which makes some programs slow. */
  openFiles: 65_536,
  /** Of one user. Where the engine's own limits could not be lifted (engine/host-limits.ts), all sessions share those: no account may take them whole. */
  pendingSignals: 16_384,
  /** Four queues of the usual size. */
  messageQueueBytes: 409_600,
  lockedMemoryBytes: 8 * MiB,
  /** Memory-backed folders; they count as memory too. */
  runBytes: 64 * MiB,
  sharedMemoryBytes: 64 * MiB,
  /** Output of the container's first process, which only its administrator can write to. */
  logBytes: 256 * 1024,
} as const;
