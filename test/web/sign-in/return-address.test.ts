// Shows that signing in leads back to a path of this site and nowhere else.

import { expect, it } from "vitest";
import { readReturnAddress } from "../../../web/sign-in/return-address.ts";

it.each([
  [undefined, "/"],
  ["/challenges/first-image?x=1", "/challenges/first-image?x=1"],
  ["//example.org/x", "/"],
  ["/\\example.org", "/"],
  ["https://example.org/", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in?returnTo=/sign-in", "/"],
])("%s leads to %s", (returnTo, path) => {
  expect(readReturnAddress(returnTo)).toBe(path);
});
