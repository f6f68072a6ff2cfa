// The agent of one container: joins its terminals and workspace with the daemon's socket. It holds no secret and decides nothing about sessions.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DaemonMessage } from "#wire/agent.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { systemClock } from "./clock.ts";
import { DaemonLink } from "./daemon-link.ts";
import { ForegroundJobs } from "./foreground-jobs.ts";
import { layStarter } from "./lay-starter.ts";
import { openPty } from "./pty.ts";
import { shellEnvironment } from "./shell-environment.ts";
import { Terminals } from "./terminals.ts";

// What ps and top call this process; process.title would hide the command line too.
writeFileSync("/proc/self/comm", "berth-agent");

const socketPath = process.env["BERTH_AGENT_SOCKET"] ?? "/run/berth/agent.sock";
const workspace = resolve(process.env["BERTH_WORKSPACE"] ?? "/workspace");

let laying: Promise<void> = Promise.resolve();

function lay({ request, version, bundle }: Extract<DaemonMessage, { type: "lay" }>): void {
  laying = laying.then(async () => {
    try {
      await layStarter(workspace, bundle);
      link.send({ type: "laid", request, version });
    } catch (error) {
      const message = (error instanceof Error ? error.message : String(error)).slice(0, 500);
      link.send({ type: "lay_failed", request, version, message });
    }
  });
}

const link = new DaemonLink(socketPath, {
  onConnect() {
    terminals.apply({ type: "detach_all" });
    link.send({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION, terminals: terminals.summaries });
    jobs.greet();
  },
  onMessage(message) {
    switch (message.type) {
      case "ping":
        // The daemon's pings are the clock of this: it asks in time before it relies on the answer.
        jobs.look();
        return link.send({ type: "pong" });
      case "lay":
        return lay(message);
      default:
        return terminals.apply(message);
    }
  },
  onInput(frame) {
    terminals.takeInput(frame);
    jobs.noteInput();
  },
  onDrain: () => terminals.resumeSending(),
});

const terminals = new Terminals({
  link,
  clock: systemClock,
  openPty,
  shell: {
    file: process.env["SHELL"] || "/bin/bash",
    args: ["-l"],
    environment: shellEnvironment(process.env),
    directory: workspace,
  },
});

const jobs = new ForegroundJobs({
  clock: systemClock,
  isBusy: () => terminals.isBusy,
  tell: (isBusy) => link.send({ type: "jobs", isBusy }),
});

link.dial();
