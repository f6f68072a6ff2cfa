// Reads the daemon's configuration, once, from flags and environment; every refusal is one sentence.

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { limits } from "#wire/limits.ts";
import { PAUSE_AFTER_MS } from "./sessions/patience.ts";

const FLAGS = {
  edge: { type: "string" },
  "state-dir": { type: "string" },
  "credential-file": { type: "string" },
  "engine-dir": { type: "string" },
  "images-dir": { type: "string" },
  "agent-dir": { type: "string" },
  "host-name": { type: "string" },
  capacity: { type: "string" },
  "http-port": { type: "string" },
  "on-stop": { type: "string" },
  "pause-after-ms": { type: "string" },
  "log-level": { type: "string" },
} as const;

export const USAGE = `Usage: npm run runner -- --edge URL --state-dir DIR [--agent-dir DIR] [--images-dir DIR] ...
       npm run runner -- self-test [--images-dir DIR] [--json]

  --edge             the address of the edge that this machine lends containers to
  --state-dir        where credential, tickets and records are kept
  --agent-dir        the built agent, dist/agent after npm run build (default: agent in the state)
  --images-dir       where built images are kept (default: images in the state)
  --engine-dir       where the private engine is kept (default: engine in the state)
  --credential-file  default: credential.json in the state
  --host-name        what the edge calls this machine (default: its host name)
  --capacity         how many sessions it takes at once (default: 20)
  --http-port        health and metrics on loopback; 0, the default, takes a free one
  --on-stop          stop (the default) ends containers and engine with it, keep leaves them to the next one
  --pause-after-ms   how long a session is quiet before it is paused (default: ${PAUSE_AFTER_MS}); 0: never
  --log-level        trace, debug, info (the default), warn, error or fatal

  BERTH_JOIN_TOKEN lets it join, once: npm start -- --without-runner prints one. Each flag may also be
  a variable, --state-dir as BERTH_STATE_DIR.`;

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const configSchema = z
  .strictObject({
    edge: z.url({ protocol: /^https?$/ }),
    "state-dir": z.string().min(1),
    "credential-file": z.string().min(1).optional(),
    "engine-dir": z.string().min(1).optional(),
    "images-dir": z.string().min(1).optional(),
    "agent-dir": z.string().min(1).optional(),
    "host-name": z
      .string()
      .min(1)
      .max(limits.hostNameChars)
      .default(() => hostname().slice(0, limits.hostNameChars)),
    capacity: integer(0, limits.sessionsPerHost).default(20),
    "http-port": integer(0, 65_535).default(0),
    "on-stop": z.enum(["keep", "stop"]).default("stop"),
    /** 0: sessions are never paused. */
    "pause-after-ms": integer(0, 24 * 60 * 60_000).default(PAUSE_AFTER_MS),
    "log-level": z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
    joinToken: z.string().min(1).max(2_048).nullable(),
  })
  .transform((raw) => {
    const stateDirectory = resolve(raw["state-dir"]);
    return {
      edgeUrl: raw.edge,
      stateDirectory,
      credentialFile: resolve(raw["credential-file"] ?? join(stateDirectory, "credential.json")),
      engineDirectory: resolve(raw["engine-dir"] ?? join(stateDirectory, "engine")),
      imagesDirectory: resolve(raw["images-dir"] ?? join(stateDirectory, "images")),
      agentDirectory: resolve(raw["agent-dir"] ?? join(stateDirectory, "agent")),
      hostName: raw["host-name"],
      capacity: raw.capacity,
      httpPort: raw["http-port"],
      onStop: raw["on-stop"],
      pauseAfterMs: raw["pause-after-ms"],
      logLevel: raw["log-level"],
      joinToken: raw.joinToken,
    };
  });

export type HostConfig = z.output<typeof configSchema>;

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export function wantsHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}

/** Flags win; a flag `--state-dir` may also be the variable BERTH_STATE_DIR. The join token comes from the environment alone. */
export function readConfig(args: string[], environment: Readonly<Record<string, string | undefined>>): HostConfig {
  const fromEnvironment = Object.keys(FLAGS).flatMap((flag) => {
    const value = environment[`BERTH_${flag.toUpperCase().replaceAll("-", "_")}`];
    return value ? [[flag, value]] : [];
  });
  const raw = {
    ...Object.fromEntries(fromEnvironment),
    ...parseFlags(args),
    joinToken: environment["BERTH_JOIN_TOKEN"] || null,
  };
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const flag = String(issue?.path[0]);
  if (!(flag in raw)) throw new ConfigError(`--${flag} is needed.`);
  throw new ConfigError(`--${flag}: ${issue?.message}.`);
}

/** Looks for the agent before anything is started: without it no container could be made. Throws ConfigError. */
export function requireAgent({ agentDirectory }: Pick<HostConfig, "agentDirectory">): void {
  if (existsSync(join(agentDirectory, "agent.js"))) return;
  throw new ConfigError(`--agent-dir: there is no agent in ${agentDirectory}; npm run build makes it in dist/agent.`);
}

function parseFlags(args: string[]): Record<string, string | undefined> {
  try {
    return { ...parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false }).values };
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
}
