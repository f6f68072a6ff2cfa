// A runner host as it is deployed, against the edge stand-in: private Docker engine, real images, bundled agent. Its daemon can be ended and started again.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { newId } from "#wire/ids.ts";
import { bundleAgent } from "../../../runner-host/agent/bundle.ts";
import { type Daemon, startDaemon } from "../../../runner-host/daemon.ts";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { openDockerEngine } from "../../../runner-host/engine/docker-engine.ts";
import type { Patience } from "../../../runner-host/sessions/patience.ts";
import { EdgeStandIn } from "../../support/edge-stand-in.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { type EngineMachine, startMachine } from "../engine/machine.ts";

/** Generous: test machines are busy. */
const PROMPT_MS = 40_000;
const RELEASE_MS = 40_000;

export class DockerHost {
  readonly edge = new EdgeStandIn();
  readonly machine: EngineMachine;
  readonly #directory: string;
  readonly #pauseAfterMs: number;
  readonly #patience: Patience | undefined;
  #engine: ContainerEngine | undefined;
  #daemon: Daemon | undefined;

  private constructor(machine: EngineMachine, directory: string, pauseAfterMs: number, patience: Patience | undefined) {
    this.machine = machine;
    this.#directory = directory;
    this.#pauseAfterMs = pauseAfterMs;
    this.#patience = patience;
  }

  /** `patience` and the memory of all sessions together are the product's own unless given. */
  static async start(
    pauseAfterMs: number,
    given: { patience?: Patience; sessionsMemoryBytes?: number } = {},
  ): Promise<DockerHost> {
    const { patience, ...memory } = given;
    const machine = await startMachine(memory);
    const directory = await mkdtemp(join(tmpdir(), "berth-daemon-"));
    await bundleAgent(join(directory, "agent"));
    const host = new DockerHost(machine, directory, pauseAfterMs, patience);
    await host.edge.listen();
    await host.startDaemon();
    return host;
  }

  get engine(): ContainerEngine {
    if (this.#engine === undefined) throw new Error("no daemon runs");
    return this.#engine;
  }

  get daemon(): Daemon {
    if (this.#daemon === undefined) throw new Error("no daemon runs");
    return this.#daemon;
  }

  async startDaemon(): Promise<void> {
    const { layout } = this.machine.engine;
    const agentDirectory = join(this.#directory, "agent");
    this.#engine = await openDockerEngine({ layout, images: this.machine.images, agentDirectory });
    const ready = Promise.withResolvers<void>();
    const config = {
      ...{ edgeUrl: this.edge.url, hostName: "host-under-test", capacity: 8, httpPort: 0, joinToken: "join-once" },
      stateDirectory: join(this.#directory, "state"),
      credentialFile: join(this.#directory, "state", "credential.json"),
      pauseAfterMs: this.#pauseAfterMs,
    };
    const log = pino({ level: process.env["BERTH_TEST_LOG"] ?? "silent" });
    const events = { onReady: () => ready.resolve(), onRefused: (reason: string) => ready.reject(new Error(reason)) };
    this.#daemon = await startDaemon(config, this.#engine, log, events, this.#patience);
    await ready.promise;
  }

  /** Containers run on. */
  async stopDaemon(): Promise<void> {
    await this.#daemon?.close();
    this.#daemon = undefined;
    this.#engine = undefined;
  }

  /** A session with a terminal at its prompt. */
  async openSession(): Promise<{ held: StandInSession; terminal: TestTerminal }> {
    const held = this.edge.claim(newId("s"), 1);
    const terminal = new TestTerminal(0);
    held.attach(1, terminal);
    await waitUntil(() => terminal.isOpen && terminal.text.includes("$ "), PROMPT_MS, "the prompt");
    return { held, terminal };
  }

  /** Ends every session that is left, as the edge does: the next test has the machine for itself. */
  async releaseAll(): Promise<void> {
    const left = await this.engine.listContainers();
    for (const { session, epoch } of left) this.edge.order({ type: "release", session, epoch });
    await waitUntil(
      async () => (await this.engine.listContainers()).length === 0,
      RELEASE_MS,
      "the end of all sessions",
    );
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.daemon.httpPort}/metrics`)).text();
  }

  async close(): Promise<void> {
    await this.stopDaemon();
    await this.edge.stop();
    await this.machine.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
