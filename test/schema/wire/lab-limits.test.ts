// What the page says of a lab's limits is what the host enforces.

import { expect, test } from "vitest";
import { describeLabLimits, labLimits } from "#wire/lab-limits.ts";
import { containerLimits } from "../../../runner-host/container/container-limits.ts";

test("the host enforces what the page says", () => {
  expect(containerLimits).toMatchObject(labLimits);
  expect(describeLabLimits()).toBe(
    "Your lab has 1.5 GiB of memory, 1 processor, 512 processes and 2 GiB of disk, and no network.",
  );
});
