// Owns how each child process is started: its command, its environment, and how one sees that it serves.

import { join } from "node:path";
import { agentBuild } from "./build/builds.ts";
import type { DataLayout } from "./data-dir/layout.ts";
import type { Ports } from "./data-dir/ports.ts";
import type { Secrets } from "./data-dir/secrets.ts";
import { addressOf, type StartFlags } from "./flags.ts";
import type { ChildCommand } from "./supervise/family.ts";

/** The pool that this machine's runner host joins and that its edge places sessions in. */
export const REGION = "local";

/** Names where the edge finds the database instead of at its server: tests put a proxy there. */
const EDGE_DATABASE_URL = "BERTH_EDGE_DATABASE_URL";

export interface ChildSettings {
  readonly project: string;
  readonly flags: StartFlags;
  readonly layout: DataLayout;
  readonly secrets: Secrets;
  readonly ports: Ports;
}

/** What children see of the caller's environment: nothing that could be a secret of somebody else. BERTH_CAPACITY is the runner host's. */
const PASSED_ON = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "BERTH_CAPACITY"];

export function libsqlUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.libsql}`;
}

export function databaseChild({ project, layout, secrets, ports }: ChildSettings): ChildCommand {
  const script = join(project, "local/libsql-server/main.ts");
  return {
    name: "database",
    command: [process.execPath, script, "--file", join(layout.database, "berth.db"), "--port", String(ports.libsql)],
    environment: environment({ BERTH_LIBSQL_TOKEN: secrets.libsqlToken }),
    // Any answer will do: it is asked without its token.
    health: { url: libsqlUrl(ports), accepts: (status) => status > 0 },
    stopMs: 2_000,
  };
}

/** Bindings of the worker that reach it through workerd's environment, since all but one are secret. */
export function edgeSecrets({ secrets, ports }: ChildSettings): Record<string, string> {
  return {
    SIGNING_KEY: secrets.signingKey,
    DATABASE_URL: process.env[EDGE_DATABASE_URL] ?? libsqlUrl(ports),
    DATABASE_TOKEN: secrets.libsqlToken,
    BERTH_METRICS_TOKEN: secrets.metricsToken,
  };
}

export function edgeChild(settings: ChildSettings, config: string): ChildCommand {
  const { project, flags } = settings;
  return {
    name: "edge",
    command: [join(project, "node_modules/.bin/workerd"), "serve", config],
    environment: environment(edgeSecrets(settings)),
    health: { url: `${addressOf(flags.host, flags.port)}/healthz`, accepts: (status) => status === 200 },
    stopMs: 1_500,
  };
}

export function runnerHostUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.runnerHost}`;
}

/** 200 once the edge has welcomed it. */
export function runnerHostHealthUrl(ports: Ports): string {
  return `${runnerHostUrl(ports)}/healthz`;
}

/**
 * Relayed output is garbage at once: young objects are cleared in a millisecond where this much of them is kept apart. Left
 * to itself V8 marks the whole heap several times a second instead, which takes most of the daemon's time and delays echoes.
 */
const DAEMON_HEAP_FLAGS = ["--max-semi-space-size=1", "--initial-old-space-size=128"];

export interface RunnerHostPlaces {
  readonly edge: string;
  readonly joinToken: string;
  readonly imagesDir: string;
}

export function runnerHostChild({ project, layout, ports }: ChildSettings, places: RunnerHostPlaces): ChildCommand {
  const flags = {
    edge: places.edge,
    "state-dir": layout.runnerHost,
    "engine-dir": layout.engine,
    "images-dir": places.imagesDir,
    "agent-dir": join(project, agentBuild.output),
    "http-port": String(ports.runnerHost),
  };
  return {
    name: "runner-host",
    command: [
      process.execPath,
      ...DAEMON_HEAP_FLAGS,
      join(project, "runner-host/main.ts"),
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    environment: environment({
      BERTH_JOIN_TOKEN: places.joinToken,
      BERTH_PAUSE_AFTER_MS: process.env["BERTH_PAUSE_AFTER_MS"] ?? "",
    }),
    // It runs as soon as it answers; an edge that is away is none of its faults.
    health: { url: runnerHostHealthUrl(ports), accepts: (status) => status > 0 },
    // A full host ends a hundred containers and unmounts their disks.
    stopMs: 20_000,
  };
}

function environment(own: Readonly<Record<string, string>>): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...own };
}
