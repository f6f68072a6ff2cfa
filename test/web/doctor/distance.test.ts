// Shows when the doctor takes distance for the reason of long round trips, and when not.

import { expect, it } from "vitest";
import { explainDistance } from "../../../web/doctor/distance.ts";
import { judgeTrips } from "../../../web/doctor/judge.ts";

it.each([
  ["far from Berth", [180, 182, 190], [185, 188, 191], true],
  ["near", [12, 11, 14], [15, 16, 15], false],
  ["on an unsteady network", [20, 180, 400], [30, 190, 380], false],
  ["far from a host that is far itself", [150, 152, 151], [260, 262, 258], false],
  ["where the host does not answer", [180, 182, 190], [null, null], false],
] as const)("somebody %s", (_, edge, host, isFar) => {
  expect(explainDistance(edge, host, true) !== null).toBe(isFar);
});

it("promises that typing is shown at once only where it is", () => {
  expect(explainDistance([180], [185], true)).toContain("What you type is shown at once");
  expect(explainDistance([180], [185], false)).toContain("Turn on “Show typing at once”");
});

it("makes a long way no fault, but a lost answer stays one", () => {
  expect(judgeTrips("host", [300, 310], "Far.")).toEqual({
    status: "ok",
    value: "310 ms (300 to 310)",
    advice: "Far.",
  });
  expect(judgeTrips("host", [300, null], "Far.")).toMatchObject({ status: "slow" });
  expect(judgeTrips("host", [300, 310])).toMatchObject({ status: "slow" });
});
