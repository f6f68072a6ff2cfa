// Derives the system calls a session container may make from Debian's container profile; pure.

import { z } from "zod";

const ruleSchema = z.looseObject({
  names: z.array(z.string()),
  action: z.string(),
  includes: z.looseObject({ caps: z.array(z.string()).optional() }).optional(),
  excludes: z.looseObject({ caps: z.array(z.string()).optional() }).optional(),
});
const profileSchema = z.looseObject({ syscalls: z.array(ruleSchema) });

/** From Debian's golang-github-containers-common. */
export const BASE_PROFILE_FILE = "/usr/share/containers/seccomp.json";

/** What a nested Docker needs of the calls that the profile ties to CAP_SYS_ADMIN; the rest of them (bpf, perf_event_open, quotactl, ...) stays refused. */
const NESTED_DOCKER_CALLS = ["sethostname", "setdomainname", "setns"];
/** Allowed by the profile without need here: they reach kernel code with a record of escapes. */
const RISKY_CALLS = ["userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "vmsplice"];
/** The kernel's keys have one quota for all sessions. A nested runc does without them if they look absent, and only then. */
const KEY_CALLS = ["keyctl", "add_key", "request_key"];
/** Replaced by one rule for each family that is left: unix, IPv4, IPv6, netlink, packet. 32-bit programs could make others by `socketcall`. */
const SOCKET_CALLS = ["socket", "socketcall"];
/** No network namespace bounds the hypervisor's; XDP, crypto, key management and the rest reach code with a record of escapes. */
const SOCKET_FAMILIES = [1, 2, 10, 16, 17];
const REFUSED_CALLS = new Set([...RISKY_CALLS, ...KEY_CALLS, ...SOCKET_CALLS]);
const NO_PERMISSION = 1;
const NO_SUCH_CALL = 38;

/** @param baseJson the text of BASE_PROFILE_FILE; @returns the profile as Docker's API takes it. */
export function sessionSeccompProfile(baseJson: string): string {
  const profile = profileSchema.parse(JSON.parse(baseJson));
  const kept = profile.syscalls
    .filter(
      (rule) => !rule.includes?.caps?.includes("CAP_SYS_ADMIN") && !rule.excludes?.caps?.includes("CAP_SYS_ADMIN"),
    )
    .map((rule) => ({ ...rule, names: rule.names.filter((name) => !REFUSED_CALLS.has(name)) }))
    .filter((rule) => rule.names.length > 0);
  return JSON.stringify({
    ...profile,
    syscalls: [
      ...kept,
      { names: NESTED_DOCKER_CALLS, action: "SCMP_ACT_ALLOW", args: [] },
      ...SOCKET_FAMILIES.map((family) => {
        return { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: family, op: "SCMP_CMP_EQ" }] };
      }),
      // Docker 20.10 does not read the profile's own defaultErrnoRet.
      { names: KEY_CALLS, action: "SCMP_ACT_ERRNO", errnoRet: NO_SUCH_CALL, args: [] },
      {
        names: ["bpf", "perf_event_open", "fanotify_init", "quotactl", "lookup_dcookie"],
        action: "SCMP_ACT_ERRNO",
        errnoRet: NO_PERMISSION,
        args: [],
      },
    ],
  });
}
