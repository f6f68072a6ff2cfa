// Shows what a terminal says of itself.

import { describe, expect, it } from "vitest";
import { predictionLimits } from "../../../web/prediction/prediction-limits.ts";
import { describeElsewhere, describePrediction } from "../../../web/terminal/terminal-sentences.ts";

describe("prediction", () => {
  const far = predictionLimits.shownAboveMs + 1;
  it.each([
    ["switched off", false, far, "off", false],
    ["near", true, predictionLimits.shownAboveMs, "not needed, you are close", false],
    ["far", true, far, "active", true],
    ["not measured", true, null, "on, not needed yet", false],
  ] as const)("%s", (_, isOn, roundTripMs, text, isActive) => {
    expect(describePrediction(isOn, roundTripMs)).toEqual({ text, isActive });
  });
});

it("asks a finger to tap and a mouse to click", () => {
  expect(describeElsewhere(true)).toBe("Sized for another tab or device. Tap or type here to use this one.");
  expect(describeElsewhere(false)).toContain("Click or type");
});
