// Owns how much each user of one session may take of what the kernel counts per user namespace; set from outside, where the session's root cannot raise it.

import { runCommand } from "../engine/command.ts";

/**
 * Each is counted per user and namespace: it stops a program that leaks, and every ordinary account. Root can spread over
 * many users; for that the machine's own limits (engine/host-limits.ts) lie beyond what the container's memory pays for.
 */
const NAMESPACE_LIMITS: Readonly<Record<string, number>> = {
  /** Four times the kernel's usual limit: editors and development servers of several nested containers. */
  max_inotify_instances: 512,
  /** A large node_modules folder has 50,000 files. */
  max_inotify_watches: 131_072,
  /** A nested container takes one of each, and another while it starts; no more than some 30 fit into the limit of processes. */
  max_cgroup_namespaces: 256,
  max_ipc_namespaces: 256,
  max_mnt_namespaces: 256,
  max_net_namespaces: 256,
  max_pid_namespaces: 256,
  max_uts_namespaces: 256,
  /** Nested Docker needs none. */
  max_time_namespaces: 64,
  max_user_namespaces: 64,
};

/** Shell text that sets those limits which this kernel has, for the user namespace that it runs in. */
export function namespaceLimitScript(): string {
  return Object.entries(NAMESPACE_LIMITS)
    .map(([name, value]) => `f=/proc/sys/user/${name}; [ ! -e $f ] || echo ${value} > $f`)
    .join("; ");
}

/** Limits the user namespace of `pid`; refused by the kernel for a process in the machine's own. */
export async function limitNamespace(pid: number): Promise<void> {
  await runCommand("nsenter", ["--user", "--target", String(pid), "sh", "-ec", namespaceLimitScript()]);
}
