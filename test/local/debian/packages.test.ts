// Which Debian packages are missed, and what a person is told to type.

import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ensurePackages, findMissing, installCommand } from "../../../local/debian/packages.ts";

const here = fileURLToPath(import.meta.url);

it("misses the packages whose file is not there", () => {
  expect(findMissing({ present: here, absent: "/no/such/program" })).toEqual(["absent"]);
});

it("does nothing when none is missed", async () => {
  const said: string[] = [];
  await ensurePackages({ present: here }, (note) => said.push(note));
  expect(said).toEqual([]);
});

it("names one command that installs them all, takes nothing away and brings nothing that is merely recommended", () => {
  const command =
    "sudo apt-get update && sudo apt-get install --yes --no-install-recommends --no-remove mmdebstrap uidmap";
  expect(installCommand(["mmdebstrap", "uidmap"])).toBe(command);
});
