// Whatever an edge says of a terminal, the page does not fail over it and says nothing itself that is not valid.

import { expect, test } from "vitest";
import { seedsFor } from "../../support/seeded-random.ts";
import { fuzzClient } from "./fuzz-client.ts";

const KINDS = ["send", "send_input", "draw", "draw_at", "clear", "show_missing", "show_unsent", "phase"];

test.for(seedsFor(20))("seed %i: all that comes of what an edge says is valid", (seed) => {
  const { faults, effects } = fuzzClient(seed);
  expect(faults).toEqual([]);
  expect([...effects.keys()]).toEqual(expect.arrayContaining(KINDS));
});
