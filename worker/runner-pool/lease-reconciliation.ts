// Compares what a host says it holds with the leases of the pool: what must be claimed, released, learned or given up.

export type Lease = {
  session: string;
  epoch: number;
  host: string;
  /** Null for a lease that was learned from a host's hello. */
  user: string | null;
  images: string[];
  state: "placed" | "releasing";
  /** Whether the host has said that the claim is stored. */
  isClaimed: boolean;
};

export type HeldSession = { session: string; epoch: number };

export type LeaseAction =
  /** The claim never arrived: send it again. */
  | { action: "claim"; lease: Lease }
  | { action: "release"; held: HeldSession }
  /** A lease that the pool does not know: the session is the truth, its data socket refuses the host if it is over. */
  | { action: "learn"; held: HeldSession }
  | { action: "note_claimed"; lease: Lease }
  /** The host has nothing left of what was to be released. */
  | { action: "note_released"; lease: Lease }
  /** The host held it once and does no longer. */
  | { action: "note_lost"; lease: Lease };

/** `leases` are those of this host; `elsewhere` are sessions and epochs that another host has a lease of. */
export function reconcileLeases(
  held: readonly HeldSession[],
  leases: readonly Lease[],
  isElsewhere: (held: HeldSession) => boolean,
): LeaseAction[] {
  const isSame = (a: HeldSession, b: HeldSession) => a.session === b.session && a.epoch === b.epoch;
  const actions: LeaseAction[] = held.map((one) => {
    const lease = leases.find((candidate) => isSame(candidate, one));
    if (lease !== undefined)
      return lease.state === "releasing" ? { action: "release", held: one } : { action: "note_claimed", lease };
    return isElsewhere(one) ? { action: "release", held: one } : { action: "learn", held: one };
  });
  for (const lease of leases) {
    if (held.some((one) => isSame(one, lease))) continue;
    if (lease.state === "releasing") actions.push({ action: "note_released", lease });
    else actions.push({ action: lease.isClaimed ? "note_lost" : "claim", lease });
  }
  return actions;
}
