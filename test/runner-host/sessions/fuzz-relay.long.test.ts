// Whatever an agent says, what goes on to the edge is valid and within what its viewers have credit for: in many runs.

import { expect, test } from "vitest";
import { seedsFor } from "../../support/seeded-random.ts";
import { fuzzRelay } from "./fuzz-relay.ts";

test.for(seedsFor(1000))("seed %i: nothing that the agent says makes the edge close the data socket", (seed) => {
  const { faults, cuts, forwarded } = fuzzRelay(seed);
  expect(faults).toEqual([]);
  expect(cuts).toBeGreaterThan(0);
  expect(forwarded).toBeGreaterThan(100);
});
