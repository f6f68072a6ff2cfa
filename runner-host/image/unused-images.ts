// Decides which built things of a shared image folder nobody needs any more; pure.

export interface KeptImage {
  readonly name: string;
  /** When a build last asked for it, in any checkout that shares the folder. */
  readonly usedAtMs: number;
  /** Something of it is mounted now. */
  readonly isMounted: boolean;
}

/** Other checkouts may share the folder and be used seldom; sessions, whose disks point into a set of lab images, end within hours. */
export const UNUSED_MS = 7 * 24 * 60 * 60_000;
/** What builds make is named by a hash of what went into it; nothing else is touched. */
const BUILT = /-[0-9a-f]{16}(?:\.\w+)?$/;

export function findUnusedImages(kept: readonly KeptImage[], nowMs: number): string[] {
  return kept
    .filter(({ name, usedAtMs, isMounted }) => BUILT.test(name) && !isMounted && nowMs - usedAtMs > UNUSED_MS)
    .map(({ name }) => name);
}
