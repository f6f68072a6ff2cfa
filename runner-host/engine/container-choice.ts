// Decides what ensureContainer has to do with the containers that a session already has; pure.

import { ContainerRefusedError, type SessionContainer } from "./container-engine.ts";

export interface ContainerChoice {
  /** The container of this very epoch, if there is one. */
  current: SessionContainer | null;
  /** Containers of older epochs: to be removed before another uses their disk. */
  outdated: SessionContainer[];
}

/** Throws ContainerRefusedError when a newer epoch is already here. */
export function chooseContainer(existing: SessionContainer[], epoch: number): ContainerChoice {
  const newest = Math.max(0, ...existing.map((container) => container.epoch));
  if (newest > epoch)
    throw new ContainerRefusedError("stale_epoch", `The session is at epoch ${newest} here; ${epoch} is over.`);
  return {
    current: existing.find((container) => container.epoch === epoch) ?? null,
    outdated: existing.filter((container) => container.epoch < epoch),
  };
}

export function requireImages(wanted: string[], preloaded: readonly string[]): void {
  const missing = wanted.filter((image) => !preloaded.includes(image));
  if (missing.length > 0)
    throw new ContainerRefusedError("image_missing", `This host does not have ${missing.join(", ")}.`);
}
