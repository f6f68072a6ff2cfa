// Owns where a runner host keeps things: lasting state under its directory, and every mount, socket and pid file under one short run directory.

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

export interface HostLayout {
  /** What lasts: images, the engine's data root, session disks. */
  directory: string;
  /** Name that marks this host's cgroup and run directory; derived from `directory`. */
  name: string;
  /** Short (unix socket paths end at 107 bytes) and reachable by remapped users, also when `directory` lies in somebody's private home. */
  run: string;
  /** `directory`, bind-mounted inside `run`. */
  state: string;
  engineDataRoot: string;
  engineLog: string;
  engineConfig: string;
  engineRecord: string;
  engineExecRoot: string;
  enginePidFile: string;
  engineSocket: string;
  diskFiles: string;
  disks: string;
  sockets: string;
  /** `sockets`, read-only: what containers mount from. */
  socketViews: string;
  agent: string;
  labImages: string;
}

/** @param directory any path; the same path always gives the same layout. */
export function hostLayout(directory: string): HostLayout {
  const lasting = resolve(directory);
  const name = `berth-${createHash("sha256").update(lasting).digest("hex").slice(0, 8)}`;
  const run = join("/run", name);
  const state = join(run, "state");
  return {
    directory: lasting,
    name,
    run,
    state,
    engineDataRoot: join(state, "engine"),
    engineLog: join(lasting, "engine.log"),
    engineConfig: join(run, "engine.json"),
    engineRecord: join(run, "engine-process.json"),
    engineExecRoot: join(run, "exec"),
    enginePidFile: join(run, "engine.pid"),
    engineSocket: join(run, "engine.sock"),
    diskFiles: join(lasting, "disks"),
    disks: join(run, "disks"),
    sockets: join(run, "sockets"),
    socketViews: join(run, "socket-views"),
    agent: join(run, "agent"),
    labImages: join(run, "lab-images"),
  };
}
