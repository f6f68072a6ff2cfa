// When the bootstrap installs npm packages.

import { expect, it } from "vitest";
import { inspectPackages } from "../../../local/bootstrap/packages.mjs";

const zod = { version: "4.0.0", integrity: "sha512-a" };
const foreign = { version: "1.0.0", integrity: "sha512-b", optional: true };
const wanted = { "": {}, "node_modules/zod": zod, "node_modules/for-another-platform": foreign };

it("leaves packages alone that are what the lock file asks for", () => {
  expect(inspectPackages(wanted, { "node_modules/zod": zod })).toBeNull();
});

it.each([
  ["there are none", null, "there are none yet"],
  ["one is missing", {}, "zod changed"],
  ["one has another version", { "node_modules/zod": { ...zod, version: "3.9.0" } }, "zod changed"],
  ["one has other content", { "node_modules/zod": { ...zod, integrity: "sha512-c" } }, "zod changed"],
  ["there is one too many", { "node_modules/zod": zod, "node_modules/left": zod }, "some are no longer needed"],
])("installs when %s", (_, installed, reason) => {
  expect(inspectPackages(wanted, installed)).toBe(reason);
});
