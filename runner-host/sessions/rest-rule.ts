// Decides whose container is put to rest when the machine runs short of memory: the longest idle first, and only as long as it is short. Pure.

import type { SessionsMemory } from "../engine/sessions-memory.ts";

export interface RestCandidate {
  session: string;
  /** Since input or anything else that needed its agent. */
  idleMs: number;
  /** A foreground job runs in one of its terminals. */
  isBusy: boolean;
}

/** Parts of what the sessions may hold together, and of the whole machine. */
interface Line {
  heldShare: number;
  availableShare: number;
}

/** Beyond the first line rest begins, short of the second it ends: what one rest frees must not begin the next. */
const SHORT: Line = { heldShare: 0.9, availableShare: 0.05 };
const ENOUGH: Line = { heldShare: 0.8, availableShare: 0.08 };
/** Beyond this, sessions with a foreground job are put to rest too; the kernel is about to end programs of its own choice. */
const DIRE: Line = { heldShare: 0.96, availableShare: 0.03 };
/** What they free shows at the next look. */
const AT_ONCE = 2;

function isBeyond(memory: SessionsMemory, line: Line): boolean {
  return (
    memory.heldBytes > line.heldShare * memory.limitBytes ||
    memory.availableBytes < line.availableShare * memory.machineBytes
  );
}

export class RestRule {
  readonly #presentMs: number;
  #isShort = false;

  /** Whoever was there less than `presentMs` ago stays, whatever the machine lacks. */
  constructor(presentMs: number) {
    this.#presentMs = presentMs;
  }

  /** The sessions to put to rest now, in this order. */
  choose(memory: SessionsMemory, awake: readonly RestCandidate[]): string[] {
    this.#isShort = isBeyond(memory, this.#isShort ? ENOUGH : SHORT);
    if (!this.#isShort) return [];
    const isDire = isBeyond(memory, DIRE);
    return awake
      .filter(({ idleMs, isBusy }) => idleMs >= this.#presentMs && (isDire || !isBusy))
      .sort((a, b) => Number(a.isBusy) - Number(b.isBusy) || b.idleMs - a.idleMs)
      .slice(0, AT_ONCE)
      .map(({ session }) => session);
  }
}
