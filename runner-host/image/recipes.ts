// The recipes of all images: what goes into the session image and into each lab image that is preloaded in every session.

import { fileURLToPath } from "node:url";

export interface ImageRecipe {
  /** Short name, for folders and messages. */
  name: string;
  /** Names under which Docker finds it. */
  tags: string[];
  packages: string[];
  /** Folder with `customize.sh` and what it copies. */
  folder: string;
  config: ImageConfig;
}

/** The part of a Docker image's config that Berth sets. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env: string[];
  WorkingDir?: string;
}

export const DEBIAN_SUITE = "bookworm";
/** One fixed moment for every file and image, so that two builds from the same packages are equal. */
export const BUILD_EPOCH_S = 1_790_000_000;

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const folderOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const CLEAN_SCRIPT = folderOf("clean.sh");

export const sessionRecipe: ImageRecipe = {
  name: "session",
  tags: [],
  packages: [
    "bash-completion",
    "ca-certificates",
    "curl",
    "docker.io",
    "git",
    "iproute2",
    "iptables",
    "iputils-ping",
    "less",
    "nano",
    "ncurses-term",
    "procps",
    "python-is-python3",
    "python3",
    "sudo",
    "vim",
  ],
  folder: folderOf("session"),
  config: { Entrypoint: ["/opt/berth/init"], Env: [PATH, "LANG=C.UTF-8"], WorkingDir: "/workspace" },
};

export const labRecipes: ImageRecipe[] = [
  {
    name: "python-3.11",
    tags: ["berth/python:3.11", "python:3.11-slim"],
    packages: ["python3", "python3-pip"],
    folder: folderOf("lab-images/python-3.11"),
    config: { Cmd: ["python3"], Env: [PATH, "LANG=C.UTF-8"] },
  },
];
