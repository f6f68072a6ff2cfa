// What somebody who is not root is told to type.

import { expect, it } from "vitest";
import { requireRoot } from "../../local/root.ts";

it("lets root start", () => {
  expect(() => requireRoot(0, "start", [])).not.toThrow();
});

it.each([
  ["start", [], "sudo npm start\n", "npm start -- --without-runner"],
  ["start", ["--port", "80"], "sudo npm start -- --port 80\n", "npm start -- --port 80 --without-runner"],
  ["dev", ["--data-dir=/a b"], "sudo npm run dev -- '--data-dir=/a b'\n", "npm run dev -- '--data-dir=/a b' --without"],
])("names the commands that would work for npm's %s with %j", (script, args, asRoot, without) => {
  expect(() => requireRoot(1000, script, args)).toThrow(`Start as root:  ${asRoot}`);
  expect(() => requireRoot(1000, script, args)).toThrow(`on this machine:  ${without}`);
});
