// Whatever a daemon says, an agent's terminals do not fail over it and say nothing themselves that is not valid.

import { expect, test } from "vitest";
import { seedsFor } from "../../support/seeded-random.ts";
import { fuzzTerminals } from "./fuzz-terminals.ts";

const KINDS = ["opened", "output", "received", "resized", "exited", "probed"];

test.for(seedsFor(20))("seed %i: all that an agent answers is valid", (seed) => {
  const { faults, said } = fuzzTerminals(seed);
  expect(faults).toEqual([]);
  expect([...said.keys()]).toEqual(expect.arrayContaining(KINDS));
});
