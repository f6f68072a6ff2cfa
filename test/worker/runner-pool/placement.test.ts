// Where a new session goes, and what a host's hello changes about the pool's leases.

import { describe, expect, test } from "vitest";
import { type Lease, reconcileLeases } from "../../../worker/runner-pool/lease-reconciliation.ts";
import { choosePlacement } from "../../../worker/runner-pool/placement.ts";

const room = (host: string, capacity: number, leases: number, images = ["a", "b"]) => ({
  host,
  capacity,
  leases,
  images,
});

describe("placement", () => {
  test.for([
    ["takes the host with the most free room", [room("h1", 4, 2), room("h2", 9, 5)], ["a"], "h2"],
    [
      "takes equal hosts by id, so that the choice is the same each time",
      [room("h2", 4, 2), room("h1", 2, 0)],
      [],
      "h1",
    ],
    ["needs all images", [room("h1", 99, 0, ["a"]), room("h2", 2, 1)], ["a", "b"], "h2"],
    ["passes by full hosts", [room("h1", 1, 1), room("h2", 1, 0)], [], "h2"],
  ] as const)("%s", ([, hosts, images, host]) => {
    expect(choosePlacement(hosts, images)).toEqual({ outcome: "placed", host });
  });

  test.for([
    ["nobody is connected", [], /^No machine that runs labs is connected right now\.$/],
    ["nobody has the images", [room("h1", 9, 0, ["b"])], /images/],
    ["everybody is full", [room("h1", 2, 2), room("h2", 0, 0)], /full/],
    ["a host announces less than it holds", [room("h1", 1, 3)], /full/],
  ] as const)("is refused with its reason when %s", ([, hosts, reason]) => {
    const placement = choosePlacement(hosts, ["a"]);
    expect(placement).toEqual({ outcome: "no_runner_host", message: expect.stringMatching(reason) });
  });
});

describe("a hello", () => {
  const held = { session: "s", epoch: 2 };
  const lease: Lease = { ...held, host: "h", user: "u", images: [], state: "placed", isClaimed: true };
  const reconcile = (holds: (typeof held)[], leases: Lease[], isElsewhere = false) =>
    reconcileLeases(holds, leases, () => isElsewhere);

  test.for([
    ["confirms what the pool knows", [held], [lease], false, [{ action: "note_claimed", lease }]],
    ["teaches what the pool does not know", [held], [], false, [{ action: "learn", held }]],
    ["of a session that another host has is answered by a release", [held], [], true, [{ action: "release", held }]],
    ["gets the release that waited", [held], [{ ...lease, state: "releasing" }], false, [{ action: "release", held }]],
    [
      "without a session to be released says that it is gone",
      [],
      [{ ...lease, state: "releasing" }],
      false,
      [{ action: "note_released", lease: { ...lease, state: "releasing" } }],
    ],
    [
      "without a session whose claim was never confirmed gets the claim again",
      [],
      [{ ...lease, isClaimed: false }],
      false,
      [{ action: "claim", lease: { ...lease, isClaimed: false } }],
    ],
    ["without a session that it once held says that it is lost", [], [lease], false, [{ action: "note_lost", lease }]],
    [
      "with another epoch is about another lease",
      [{ session: "s", epoch: 1 }],
      [lease],
      false,
      [
        { action: "learn", held: { session: "s", epoch: 1 } },
        { action: "note_lost", lease },
      ],
    ],
  ] satisfies [string, (typeof held)[], Lease[], boolean, unknown[]][])(
    "%s",
    ([, holds, leases, isElsewhere, actions]) => {
      expect(reconcile(holds, leases, isElsewhere)).toEqual(actions);
    },
  );
});
