// What a start says once it serves: where everything is, who may sign in, and how a runner host joins; pure.

import { relative } from "node:path";
import { limits } from "#wire/limits.ts";
import { isLoopback, type StartFlags } from "./flags.ts";

export interface Serving {
  readonly address: string;
  /** Where this machine's runner host answers, or null when there is none. */
  readonly runnerHost: string | null;
  /** What lets one machine join, or null when this one has. */
  readonly joinToken: string | null;
}

export function announce({ address, runnerHost, joinToken }: Serving, flags: StartFlags, folder: string): string {
  const below = relative(folder, flags.dataDir);
  const state = below === "" || below.startsWith("..") ? flags.dataDir : below;
  const lines = [
    "",
    `Berth is at ${address}`,
    "",
    flags.hasDevelopmentSignIn
      ? "Development sign-in is on: whoever reaches this address may sign in under any name."
      : "Development sign-in is off, since this is not a loopback address; BERTH_DEV_SIGN_IN=1 switches it on.",
    ...(joinToken === null ? [] : describeJoining(address, flags, joinToken)),
    `State is kept in ${state}, logs in ${state}/logs.`,
    ...(runnerHost === null ? [] : [`The runner host's health and metrics are at ${runnerHost}/healthz and /metrics.`]),
    "Ctrl-C stops everything.",
  ];
  return lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
}

function describeJoining(address: string, flags: StartFlags, joinToken: string): string[] {
  const reach = isLoopback(flags.host)
    ? "on this machine only, since the address is a loopback one"
    : "with an address of this machine that it reaches";
  return [
    "There is no runner host on this machine: sessions start when one has joined. As root, in a copy of Berth,",
    `${reach}:`,
    "",
    `  npm run build && BERTH_JOIN_TOKEN=${joinToken} \\`,
    `    npm run runner -- --edge ${address} --state-dir .berth/host --agent-dir dist/agent`,
    "",
    `The token is good for one host and ${limits.joinTokenMs / 60_000} minutes; the next start prints another.`,
  ];
}
