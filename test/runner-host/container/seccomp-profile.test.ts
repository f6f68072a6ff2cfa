// Which system calls the session profile adds to and takes from Debian's.

import { describe, expect, it } from "vitest";
import { sessionSeccompProfile } from "../../../runner-host/container/seccomp-profile.ts";

const base = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 38,
  archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: [] }],
  syscalls: [
    {
      names: ["read", "mount", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "socketcall"],
      action: "SCMP_ACT_ALLOW",
      args: [],
      includes: {},
      excludes: {},
    },
    { names: ["socket"], action: "SCMP_ACT_ALLOW", args: null, includes: { caps: ["CAP_AUDIT_WRITE"] } },
    { names: ["io_uring_enter"], action: "SCMP_ACT_ALLOW", args: [] },
    { names: ["bpf", "setns", "quotactl"], action: "SCMP_ACT_ALLOW", args: [], includes: { caps: ["CAP_SYS_ADMIN"] } },
    {
      names: ["bpf", "setns", "quotactl"],
      action: "SCMP_ACT_ERRNO",
      args: [],
      errnoRet: 1,
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    },
    { names: ["chroot"], action: "SCMP_ACT_ALLOW", args: [], includes: { caps: ["CAP_SYS_CHROOT"] } },
  ],
};

interface Rule {
  names: string[];
  action: string;
}

function allowed(text: string): string[] {
  const { syscalls }: { syscalls: Rule[] } = JSON.parse(text);
  return syscalls.filter((rule) => rule.action === "SCMP_ACT_ALLOW").flatMap((rule) => rule.names);
}

describe("sessionSeccompProfile", () => {
  const profile = sessionSeccompProfile(JSON.stringify(base));

  it("keeps what the base allows without the administrator's capability", () => {
    expect(allowed(profile)).toEqual(expect.arrayContaining(["read", "mount", "chroot"]));
    expect(JSON.parse(profile)).toMatchObject({
      defaultAction: "SCMP_ACT_ERRNO",
      defaultErrnoRet: 38,
      archMap: base.archMap,
    });
  });

  it("allows of the administrator's calls only those that a nested Docker needs", () => {
    expect(allowed(profile)).toEqual(expect.arrayContaining(["sethostname", "setdomainname", "setns"]));
    expect(allowed(profile)).not.toContain("bpf");
    expect(allowed(profile)).not.toContain("quotactl");
  });

  it("takes away risky calls that a newer base allows", () => {
    expect(allowed(profile).filter((name) => name.startsWith("io_uring") || name === "userfaultfd")).toEqual([]);
  });

  it("makes the kernel's keys look absent, also where the base allows them", () => {
    const { syscalls }: { syscalls: (Rule & { errnoRet?: number })[] } = JSON.parse(profile);
    expect(allowed(profile).filter((name) => name.includes("key"))).toEqual([]);
    expect(syscalls.find(({ names }) => names.includes("keyctl"))).toMatchObject({
      names: ["keyctl", "add_key", "request_key"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: 38,
    });
  });

  it("allows sockets of unix, the internet, netlink and packets, by one call", () => {
    const { syscalls }: { syscalls: Rule[] } = JSON.parse(profile);
    expect(syscalls.filter(({ names }) => names.some((name) => name.startsWith("socket")))).toEqual(
      [1, 2, 10, 16, 17].map((value) => {
        return { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value, op: "SCMP_CMP_EQ" }] };
      }),
    );
  });

  it("refuses a base that is no profile", () => {
    expect(() => sessionSeccompProfile("{}")).toThrow();
  });
});
