// Owns how the private dockerd is configured; pure, so that what keeps it apart from the machine's own Docker is read in one place.

import { join } from "node:path";
import type { HostLayout } from "./host-layout.ts";

/** The configuration file; it replaces the machine's own, which dockerd would read otherwise. */
export function engineConfig(layout: HostLayout, user: string): Record<string, unknown> {
  return {
    "data-root": layout.engineDataRoot,
    "exec-root": layout.engineExecRoot,
    pidfile: layout.enginePidFile,
    "deprecated-key-path": join(layout.state, "engine-key.json"),
    hosts: [`unix://${layout.engineSocket}`],
    group: "root",
    "userns-remap": user,
    "storage-driver": "overlay2",
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "cgroup-parent": `/${layout.name}`,
    // Learner containers have no network, and this daemon lives in a network namespace of its own.
    bridge: "none",
    iptables: false,
    "ip-forward": false,
    "ip-masq": false,
    "userland-proxy": false,
    // Containers outlive it: a new one on the same folders takes them over. Who stops the engine stops them first.
    "live-restore": true,
    "shutdown-timeout": 5,
    "log-level": "warn",
  };
}

/**
 * @param prefix a command that runs the rest of its line in its own place (host-limits.ts), or nothing.
 * `unshare` becomes dockerd: an own network namespace, or it would delete the other daemon's bridge.
 */
export function engineCommand(layout: HostLayout, prefix: readonly string[]): string[] {
  return [...prefix, "unshare", "--net", "dockerd", "--config-file", layout.engineConfig];
}
