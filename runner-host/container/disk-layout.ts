// Owns what lies where on a session disk, and where the container sees it.

/** Folders of the disk. */
export const DISK_FOLDERS = {
  workspace: "workspace",
  home: "home",
  temporary: "tmp",
  docker: "docker",
  /** The container's own writable layer and overlayfs' scratch folder: on the disk, so that its quota covers them. */
  layer: "layer/upper",
  layerScratch: "layer/work",
} as const;

/** Files that Docker would otherwise keep outside the quota, writable by the container's root: [place on the disk, first content]. */
export const DISK_FILES = {
  hosts: ["etc/hosts", "127.0.0.1\tlocalhost lab\n::1\tlocalhost ip6-localhost ip6-loopback\n"],
  hostname: ["etc/hostname", "lab\n"],
  resolvConf: ["etc/resolv.conf", ""],
} as const;

/** [place on the disk, path in the container]. */
export const DISK_MOUNTS: readonly (readonly [string, string])[] = [
  [DISK_FOLDERS.workspace, "/workspace"],
  [DISK_FOLDERS.home, "/home/learner"],
  [DISK_FOLDERS.temporary, "/tmp"],
  [DISK_FOLDERS.docker, "/var/lib/docker"],
  [DISK_FILES.hosts[0], "/etc/hosts"],
  [DISK_FILES.hostname[0], "/etc/hostname"],
  [DISK_FILES.resolvConf[0], "/etc/resolv.conf"],
];
