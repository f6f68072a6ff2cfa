// Reads the flags of `npm start`; pure.

import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSessionLengths, sessionLengthNames } from "#wire/session-lengths.ts";
import { StartRefusal } from "./start-refusal.ts";

export interface StartFlags {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly dataDir: string;
  readonly withRunner: boolean;
  /** Anybody may sign in under any name. */
  readonly hasDevelopmentSignIn: boolean;
  readonly wantsHelp: boolean;
  /** Bindings of the worker that were set by the environment, behind BERTH_. */
  readonly sessionLengths: Readonly<Record<string, string>>;
}

export const USAGE = `Usage: npm start -- [--port 8787] [--host 127.0.0.1] [--data-dir .berth] [--without-runner]

  --port            where the page is served; 0 takes a free one
  --host            the address to listen on; on another than a loopback address
                    development sign-in needs BERTH_DEV_SIGN_IN=1
  --data-dir        where all state is kept
  --without-runner  no containers on this machine: runner hosts join from elsewhere

  BERTH_SESSION_IDLE_MINUTES, BERTH_SESSION_TOTAL_MINUTES and
  BERTH_SESSION_MOST_MINUTES say how long sessions last (60, 240 and 480),
  BERTH_CAPACITY how many this machine takes at once (20)`;

const DEFAULT_PORT = 8787;
const OPTIONS = {
  port: { type: "string", default: String(DEFAULT_PORT) },
  host: { type: "string", default: "127.0.0.1" },
  "data-dir": { type: "string" },
  "without-runner": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @param project the folder that a default data directory lies in. Throws StartRefusal. */
export function parseFlags(args: readonly string[], environment: NodeJS.ProcessEnv, project: string): StartFlags {
  const values = parse(args);
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new StartRefusal(`--port ${values.port} is not a port: give a number from 0 to 65535.`);
  }
  if (isIP(values.host) === 0 && values.host !== "localhost") {
    throw new StartRefusal(
      `--host ${values.host} is not an address: give an IP address of this machine, or localhost.`,
    );
  }
  return {
    host: values.host,
    port,
    dataDir: values["data-dir"] === undefined ? join(project, ".berth") : resolve(values["data-dir"]),
    withRunner: !values["without-runner"],
    hasDevelopmentSignIn: isLoopback(values.host) || environment["BERTH_DEV_SIGN_IN"] === "1",
    wantsHelp: values.help,
    sessionLengths: readLengths(environment),
  };
}

function readLengths(environment: NodeJS.ProcessEnv): Record<string, string> {
  const texts = sessionLengthNames.flatMap((name) => {
    const text = environment[`BERTH_${name}`];
    return text === undefined ? [] : [[name, text] as const];
  });
  const { problem } = readSessionLengths(Object.fromEntries(texts));
  if (problem !== null) throw new StartRefusal(problem.replaceAll("SESSION_", "BERTH_SESSION_"));
  return Object.fromEntries(texts);
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The address as a person or a program on this machine types it. */
export function addressOf(host: string, port: number): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    const problem = error instanceof Error ? error.message.split(". ")[0] : String(error);
    const names = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new StartRefusal(`${problem}. The flags are ${names.join(", ")}.`);
  }
}
