// Decides which containers stand behind the others for the processor: those that use it up, while those that only type stay in front. Pure.

/** Of one container, in milliseconds of processor time. */
export interface ProcessorBudget {
  /** The kernel's counter when it was read last. */
  usedMs: number;
  /** What it may still use before it stands behind; negative for a while when it used more. */
  leftMs: number;
  isBehind: boolean;
}

/** A container begins with enough to start its agent and a shell, ... */
const FIRST_MS = 1_000;
/** ... saves up so much while it does little (a command now and then is answered as fast as a key), ... */
const MOST_MS = 500;
/** ... and comes to the front again with so much, so that nothing changes places several times a second. */
const FRONT_MS = 250;
/** Half of the machine is dealt out in equal parts; a part is never less than typing takes, nor so large that burning is cheap. */
const DEALT_SHARE = 0.5;
const LEAST_SHARE = 0.02;
const MOST_SHARE = 0.15;

/** Part of one processor that each of `containers` may use without end and stay in front. */
export function frontShare(processors: number, containers: number): number {
  const part = (processors * DEALT_SHARE) / Math.max(1, containers);
  return Math.min(MOST_SHARE, Math.max(LEAST_SHARE, part));
}

export function firstBudget(usedMs: number): ProcessorBudget {
  return { usedMs, leftMs: FIRST_MS, isBehind: false };
}

/** The budget after `elapsedMs` in which the kernel's counter went to `usedMs`; one that went back is of a container that was started again. */
export function nextBudget(budget: ProcessorBudget, usedMs: number, elapsedMs: number, share: number): ProcessorBudget {
  if (usedMs < budget.usedMs) return firstBudget(usedMs);
  const most = Math.max(MOST_MS, budget.leftMs);
  const leftMs = Math.max(-MOST_MS, Math.min(most, budget.leftMs + elapsedMs * share) - (usedMs - budget.usedMs));
  return { usedMs, leftMs, isBehind: budget.isBehind ? leftMs < FRONT_MS : leftMs <= 0 };
}
