// One clear sentence for everything a machine can lack.

import { describe, expect, it } from "vitest";
import { findUnfitness, type HostFacts, parseControllers } from "../../../runner-host/engine/host-requirements.ts";

const fit: HostFacts = {
  isLinux: true,
  isRoot: true,
  missingPrograms: [],
  userNamespacesMax: 1000,
  filesystems: new Set(["overlay", "erofs", "ext4"]),
  hasLoopDevices: true,
  cgroupControllers: new Set(["memory", "cpu", "pids"]),
};

describe("findUnfitness", () => {
  it("finds nothing on a machine that has all", () => {
    expect(findUnfitness(fit)).toBeNull();
  });

  it.each<[string, Partial<HostFacts>, RegExp]>([
    ["another system", { isLinux: false }, /need Linux.*--without-runner/],
    ["no root", { isRoot: false }, /as root/],
    ["no dockerd", { missingPrograms: ["dockerd", "runc"] }, /dockerd, runc/],
    ["no user namespaces", { userNamespacesMax: 0 }, /user\.max_user_namespaces/],
    ["no overlay", { filesystems: new Set(["ext4", "erofs"]) }, /overlay/],
    ["no erofs", { filesystems: new Set(["ext4", "overlay"]) }, /erofs/],
    ["no loop devices", { hasLoopDevices: false }, /modprobe loop/],
    ["no memory controller", { cgroupControllers: new Set(["cpu", "pids"]) }, /memory/],
  ])("says in one sentence that there is %s", (_, change, sentence) => {
    const reason = findUnfitness({ ...fit, ...change });
    expect(reason).toMatch(sentence);
    expect(reason).toMatch(/^[A-Z][^\n]*\.$/);
  });
});

describe("parseControllers", () => {
  it("reads the list of a unified hierarchy", () => {
    expect(parseControllers("", "cpuset cpu io memory pids\n")).toEqual(
      new Set(["cpuset", "cpu", "io", "memory", "pids"]),
    );
  });

  it("reads from the table of separate hierarchies those that are enabled and mounted", () => {
    const table =
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t4\t10\t0\nhugetlb\t0\t1\t1\npids\t8\t1\t1\n";
    expect(parseControllers(table, null)).toEqual(new Set(["cpu", "pids"]));
  });
});
