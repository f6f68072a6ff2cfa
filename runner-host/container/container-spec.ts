// Owns what a session container is: its limits, capabilities, system calls and mounts. Pure; whoever asks how learners are confined reads this file.

import { join } from "node:path";
import { containerLimits } from "./container-limits.ts";
import { DISK_MOUNTS } from "./disk-layout.ts";

export interface SessionSpec {
  session: string;
  epoch: number;
  /** Tag of the session image in the private engine. */
  imageTag: string;
  /** Parent cgroup of all sessions. */
  cgroupParent: string;
  seccompProfile: string;
  /** The engine's own limit; no container can be given more. */
  openFilesMax: number;
  /** Host folders. All but `disk` are read-only at their source: Docker's own `ro` does not hold against root in a user namespace. */
  disk: string;
  socketView: string;
  agent: string;
  labLayers: string;
  /** Where the container sees `labLayers`. */
  labLayersTarget: string;
}

/** The part of Docker's create request that Berth sends. */
export interface ContainerBody {
  Image: string;
  Hostname: string;
  Env: string[];
  Labels: Record<string, string>;
  StopSignal: string;
  HostConfig: {
    NetworkMode: string;
    CgroupParent: string;
    CapDrop: string[];
    CapAdd: string[];
    SecurityOpt: string[];
    Memory: number;
    MemorySwap: number;
    NanoCpus: number;
    PidsLimit: number;
    OomScoreAdj: number;
    ShmSize: number;
    Ulimits: { Name: string; Soft: number; Hard: number }[];
    Sysctls: Record<string, string>;
    Tmpfs: Record<string, string>;
    Mounts: {
      Type: "bind";
      Source: string;
      Target: string;
      ReadOnly: boolean;
      BindOptions: { Propagation: "rprivate"; NonRecursive: boolean };
    }[];
    LogConfig: { Type: string; Config: Record<string, string> };
    RestartPolicy: { Name: string };
  };
}

export const LABELS = { session: "berth.session", epoch: "berth.epoch" } as const;

/** Where the agent finds the daemon (schema/wire/agent.ts). */
export const AGENT_SOCKET_FILE = "agent.sock";
const SOCKET_FOLDER = "/run/berth";
const AGENT_FOLDER = "/opt/berth/agent";

/**
 * Every one counts only inside the container's user namespace. SYS_ADMIN and NET_ADMIN let the nested Docker mount and
 * build bridges; MKNOD and AUDIT_WRITE let it unpack images and sudo log. None reaches the host's disks, limits or network.
 */
const CAPABILITIES = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"],
  ...["NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "SYS_ADMIN", "NET_ADMIN"],
];

/** Sessions go first when the machine itself runs out of memory: never the daemon or the engine. */
const OOM_SCORE = 500;

export function containerName(session: string, epoch: number): string {
  return `${session}-${epoch}`;
}

function bind(source: string, target: string, isReadOnly: boolean): ContainerBody["HostConfig"]["Mounts"][number] {
  return {
    Type: "bind",
    Source: source,
    Target: target,
    ReadOnly: isReadOnly,
    BindOptions: { Propagation: "rprivate", NonRecursive: true },
  };
}

function ulimit(name: string, most: number): ContainerBody["HostConfig"]["Ulimits"][number] {
  return { Name: name, Soft: most, Hard: most };
}

export function containerBody(spec: SessionSpec): ContainerBody {
  const openFiles = Math.min(containerLimits.openFiles, spec.openFilesMax);
  return {
    Image: spec.imageTag,
    Hostname: "lab",
    Env: [`BERTH_AGENT_SOCKET=${SOCKET_FOLDER}/${AGENT_SOCKET_FILE}`],
    Labels: { [LABELS.session]: spec.session, [LABELS.epoch]: String(spec.epoch) },
    StopSignal: "SIGTERM",
    HostConfig: {
      NetworkMode: "none",
      CgroupParent: spec.cgroupParent,
      CapDrop: ["ALL"],
      CapAdd: CAPABILITIES,
      // AppArmor's default profile forbids the nested Docker's mounts; the user namespace is the wall here.
      SecurityOpt: [`seccomp=${spec.seccompProfile}`, "apparmor=unconfined"],
      Memory: containerLimits.memoryBytes,
      // Memory and swap together: equal to Memory means no swap.
      MemorySwap: containerLimits.memoryBytes,
      NanoCpus: containerLimits.cpus * 1e9,
      PidsLimit: containerLimits.pids,
      OomScoreAdj: OOM_SCORE,
      ShmSize: containerLimits.sharedMemoryBytes,
      Ulimits: [
        ulimit("nofile", openFiles),
        ulimit("core", 0),
        ulimit("sigpending", containerLimits.pendingSignals),
        ulimit("msgqueue", containerLimits.messageQueueBytes),
        ulimit("memlock", containerLimits.lockedMemoryBytes),
      ],
      // /proc/sys is read-only inside; the nested Docker finds this done.
      Sysctls: { "net.ipv4.ip_forward": "1" },
      Tmpfs: { "/run": `rw,nosuid,nodev,mode=755,size=${containerLimits.runBytes}` },
      Mounts: [
        ...DISK_MOUNTS.map(([source, target]) => bind(join(spec.disk, source), target, false)),
        bind(spec.socketView, SOCKET_FOLDER, true),
        bind(spec.agent, AGENT_FOLDER, true),
        bind(spec.labLayers, spec.labLayersTarget, true),
      ],
      LogConfig: {
        Type: "local",
        Config: { "max-size": String(containerLimits.logBytes), "max-file": "1", compress: "false" },
      },
      // A session whose first process ended is reported and placed again by its owner.
      RestartPolicy: { Name: "no" },
    },
  };
}
