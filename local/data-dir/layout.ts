// Owns where a running Berth keeps what lasts, below its data directory.

import { join } from "node:path";

export interface DataLayout {
  readonly directory: string;
  readonly secrets: string;
  readonly ports: string;
  /** The processes that run now; what a crash left is found through it. */
  readonly children: string;
  readonly logs: string;
  readonly database: string;
  readonly edge: string;
  /** Durable Objects' SQLite files. */
  readonly objects: string;
  /** The private engine and its session disks. */
  readonly engine: string;
  /** The runner host's own state: its credential, tickets and claims. */
  readonly runnerHost: string;
}

export function dataLayout(directory: string): DataLayout {
  return {
    directory,
    secrets: join(directory, "secrets.json"),
    ports: join(directory, "ports.json"),
    children: join(directory, "children.json"),
    logs: join(directory, "logs"),
    database: join(directory, "database"),
    edge: join(directory, "edge"),
    objects: join(directory, "objects"),
    engine: join(directory, "engine"),
    runnerHost: join(directory, "runner-host"),
  };
}
