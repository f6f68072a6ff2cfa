// Brings a daemon up against the edge stand-in, in this process or as one that can be killed, and takes everything down afterwards.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { newId } from "#wire/ids.ts";
import { bundleAgent } from "../../runner-host/agent/bundle.ts";
import { type Daemon, type DaemonConfig, type DaemonEvents, startDaemon } from "../../runner-host/daemon.ts";
import { PAUSE_AFTER_MS, type Patience } from "../../runner-host/sessions/patience.ts";
import { AgentEngine } from "./agent-engine.ts";
import { EdgeStandIn } from "./edge-stand-in.ts";
import type { StandInSession } from "./stand-in-session.ts";
import { waitUntil } from "./wait-until.ts";

export class DaemonUnderTest {
  readonly directory: string;
  readonly edge = new EdgeStandIn();
  readonly agentScript: string;
  engine: AgentEngine;
  refusal: string | null = null;
  pauseAfterMs = PAUSE_AFTER_MS;
  /** For daemons that are started in this process. */
  patience: Patience | undefined;
  #daemon: Daemon | null = null;
  #process: ChildProcess | null = null;

  private constructor(directory: string, agentScript: string) {
    this.directory = directory;
    this.agentScript = agentScript;
    this.engine = this.openEngine();
  }

  static async prepare(): Promise<DaemonUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), "berth-"));
    const { script } = await bundleAgent(join(directory, "agent"));
    const prepared = new DaemonUnderTest(directory, script);
    await prepared.edge.listen();
    return prepared;
  }

  /** A daemon that runs, and one session whose agent is up. */
  static async withSession(): Promise<{ host: DaemonUnderTest; session: StandInSession }> {
    const host = await DaemonUnderTest.prepare();
    await host.start();
    const session = host.edge.claim(newId("s"), 1);
    await waitUntil(() => session.isAgentUp, 5_000, "the agent");
    return { host, session };
  }

  get config(): DaemonConfig {
    return {
      edgeUrl: this.edge.url,
      stateDirectory: join(this.directory, "state"),
      credentialFile: join(this.directory, "state", "credential.json"),
      hostName: "host-under-test",
      capacity: 4,
      httpPort: 0,
      joinToken: "join-once",
      pauseAfterMs: this.pauseAfterMs,
    };
  }

  openEngine(): AgentEngine {
    return new AgentEngine({
      directory: join(this.directory, "c"),
      agentScript: this.agentScript,
      images: ["node:24"],
    });
  }

  /** In this process; resolves when the edge has welcomed it. */
  async start(changes: Partial<DaemonConfig> = {}): Promise<Daemon> {
    this.engine = this.openEngine();
    const log = pino({ level: process.env["BERTH_TEST_LOG"] ?? "silent" });
    const ready = Promise.withResolvers<void>();
    const events: DaemonEvents = {
      onReady: () => ready.resolve(),
      onRefused: (reason) => {
        this.refusal = reason;
        ready.resolve();
      },
    };
    this.#daemon = await startDaemon({ ...this.config, ...changes }, this.engine, log, events, this.patience);
    await ready.promise;
    return this.#daemon;
  }

  async stop(): Promise<void> {
    await this.#daemon?.close();
    this.#daemon = null;
  }

  /** As a process of its own; resolves when the edge has welcomed it. */
  async startProcess(): Promise<void> {
    const script = fileURLToPath(new URL("daemon-process.ts", import.meta.url));
    const engine = { directory: join(this.directory, "c"), agentScript: this.agentScript };
    const child = spawn(process.execPath, [script, JSON.stringify({ config: this.config, engine })], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    await once(createInterface(child.stdout), "line");
  }

  async killProcess(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async dispose(): Promise<void> {
    await this.killProcess();
    await this.stop();
    await this.edge.stop();
    await this.engine.removeAll();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
