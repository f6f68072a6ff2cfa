// Decides what to do with a claim: pure.

import type { Claim } from "#wire/runner.ts";

export type ClaimVerdict =
  | { kind: "take" }
  | { kind: "held" }
  | { kind: "stale" }
  | { kind: "refuse"; code: "no_room" | "image_missing"; message: string };

/** `heldEpoch` is the epoch of this session that the host holds, null when it holds none. */
export function judgeClaim(
  claim: Pick<Claim, "epoch" | "images">,
  heldEpoch: number | null,
  room: { held: number; capacity: number; images: readonly string[] },
): ClaimVerdict {
  if (heldEpoch !== null && heldEpoch > claim.epoch) return { kind: "stale" };
  if (heldEpoch === claim.epoch) return { kind: "held" };
  const missing = claim.images.find((image) => !room.images.includes(image));
  if (missing !== undefined)
    return { kind: "refuse", code: "image_missing", message: `This host has no image ${missing}.` };
  if (heldEpoch === null && room.held >= room.capacity) {
    return {
      kind: "refuse",
      code: "no_room",
      message: `This host holds ${room.held} sessions and has room for ${room.capacity}.`,
    };
  }
  return { kind: "take" };
}
