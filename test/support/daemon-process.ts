// Runs a daemon on the agent engine as a program of its own, for tests that kill it.

import pino from "pino";
import { startDaemon } from "../../runner-host/daemon.ts";
import { AgentEngine } from "./agent-engine.ts";

const { config, engine } = JSON.parse(process.argv[2] ?? "{}");
const log = pino({ level: process.env["BERTH_TEST_LOG"] ?? "silent" }, pino.destination({ dest: 2, sync: true }));
await startDaemon(config, new AgentEngine(engine), log, {
  onReady: (ready) => process.stdout.write(`${JSON.stringify(ready)}\n`),
  onRefused: () => process.exit(78),
});
