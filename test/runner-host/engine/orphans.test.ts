// What belongs to no container any more, of what is found on the machine.

import { expect, it } from "vitest";
import { findOrphans } from "../../../runner-host/engine/orphans.ts";

const nothing = { cgroups: [], shims: [], containers: new Set<string>(), loops: [] };

it("cgroups and keepers of containers that the engine knows are left alone, running or not", () => {
  const containers = new Set(["a", "b"]);
  const shims = [
    { pid: 7, containerId: "a" },
    { pid: 8, containerId: "y" },
  ];
  const found = findOrphans({ ...nothing, containers, shims, cgroups: ["a", "x"] });
  expect(found).toEqual({ containers: ["x", "y"], loops: [] });
});

it("a loop device is freed only when its file was deleted", () => {
  const loops = [
    { device: "/dev/loop1", isFileDeleted: false },
    { device: "/dev/loop2", isFileDeleted: true },
  ];
  expect(findOrphans({ ...nothing, loops }).loops).toEqual(["/dev/loop2"]);
});
