// Which of the machine's shared limits are raised, and what is said about those that cannot be.

import { describe, expect, it } from "vitest";
import {
  describeTooLow,
  findTooLow,
  hostLimits,
  ptysMax,
  raiseHostLimits,
} from "../../../runner-host/engine/host-limits.ts";

const GiB = 1024 ** 3;

describe("findTooLow", () => {
  const limit = { name: "fs.example", atLeast: 100 };
  const endless = { name: "fs.pages", atLeast: 0, isZeroUnlimited: true };

  it.each([
    ["a lower limit", limit, 99, true],
    ["an equal limit", limit, 100, false],
    ["a higher limit, which is never lowered", limit, 1e18, false],
    ["a limit that this kernel does not have", limit, null, false],
    ["a limit where none is wanted", endless, 16_384, true],
    ["no limit where none is wanted", endless, 0, false],
    ["no limit where some is wanted", { ...endless, atLeast: 100 }, 0, false],
    ["a lower limit where 0 is none", { ...endless, atLeast: 100 }, 99, true],
  ])("judges %s", (_, wanted, value, isTooLow) => {
    expect(findTooLow([wanted], new Map([[wanted.name, value]]))).toEqual(isTooLow ? [wanted] : []);
  });
});

describe("the machine's pseudo-terminals", () => {
  it("take at most a twentieth of its memory, and are enough for many sessions on a small one", () => {
    expect(ptysMax(24 * GiB) * 28 * 1024).toBeLessThanOrEqual(0.05 * 24 * GiB);
    expect(ptysMax(2 * GiB)).toBe(8_192);
    expect(ptysMax(100_000 * GiB)).toBe(1_048_576);
  });
});

describe("raiseHostLimits", () => {
  it("says in one sentence what to set when a limit cannot be raised", async () => {
    const name = "kernel.ostype";
    expect(await raiseHostLimits([{ name, atLeast: 1 }])).toBeNull();
    const readOnly = { name: "kernel.random.poolsize", atLeast: 1_000_000 };
    expect(await raiseHostLimits([readOnly])).toMatch(/^[A-Z][^\n]*sysctl -w kernel\.random\.poolsize=1000000\.$/);
  });

  it("says nothing when all limits are high enough", () => {
    expect(describeTooLow([])).toBeNull();
  });

  it("names each limit once", () => {
    const names = hostLimits(4 * GiB).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
