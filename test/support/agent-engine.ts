// A container engine whose containers are bare agents on this machine, each with a folder for a workspace; they outlive the process that made them.

import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ContainerClaim,
  type ContainerEnd,
  type ContainerEngine,
  ContainerRefusedError,
  type SessionContainer,
  type SharedUse,
} from "../../runner-host/engine/container-engine.ts";
import type { ContainerUsage } from "../../runner-host/engine/container-usage.ts";
import type { SessionsMemory } from "../../runner-host/engine/sessions-memory.ts";
import { Turns } from "../../runner-host/engine/turns.ts";
import { waitUntil } from "./wait-until.ts";

type Record = { epoch: number; pid: number; containerId: string };
const WATCH_EVERY_MS = 25;
const END_MS = 5_000;
/** proc(5): times of a process in clock ticks, its memory in pages. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

export interface AgentEngineOptions {
  /** Short: it holds unix sockets. */
  directory: string;
  /** agent.js */
  agentScript: string;
  images?: string[];
}

async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

export class AgentEngine implements ContainerEngine {
  readonly images: readonly string[];
  readonly #options: AgentEngineOptions;
  readonly #expectedPids = new Set<number>();
  readonly #turns = new Turns();
  /** By session, the agents that were started or found running. */
  readonly #met = new Map<string, number>();
  /** What readUsage tells instead of what it finds: these containers have no limits of their own. */
  readonly pretended = new Map<string, Partial<ContainerUsage>>();
  /** What all sessions are said to hold together. */
  memory: SessionsMemory = { heldBytes: 0, limitBytes: 2 ** 30, machineBytes: 2 ** 32, availableBytes: 2 ** 31 };
  /** The session that is said to have most of the machine's pseudo-terminals. */
  terminalHog: string | null = null;
  readonly shared: SharedUse = {
    readMemory: () => Promise.resolve(this.memory),
    findTerminalHog: async () =>
      this.terminalHog === null ? null : ((await this.#read(this.terminalHog))?.containerId ?? null),
  };
  /** Set to make the next ensureContainer calls fail. */
  failure: Error | null = null;
  ensured = 0;

  constructor(options: AgentEngineOptions) {
    this.#options = options;
    this.images = options.images ?? [];
  }

  workspaceOf(session: string): string {
    return join(this.#options.directory, session, "workspace");
  }

  async pidOf(session: string): Promise<number | null> {
    return (await this.#read(session))?.pid ?? null;
  }

  async openSocketDirectory(session: string): Promise<string> {
    const folder = join(this.#options.directory, session, "socket");
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async ensureContainer(claim: ContainerClaim): Promise<{ containerId: string; socketDirectory: string }> {
    this.ensured++;
    if (this.failure !== null) throw this.failure;
    return this.#turns.take(claim.session, () => this.#ensure(claim));
  }

  async #ensure({ session, epoch, images }: ContainerClaim): Promise<{ containerId: string; socketDirectory: string }> {
    const missing = images.find((image) => !this.images.includes(image));
    if (missing !== undefined) throw new ContainerRefusedError("image_missing", `There is no image ${missing}.`);
    const socketDirectory = await this.openSocketDirectory(session);
    const known = await this.#read(session);
    if (known !== null && known.epoch > epoch)
      throw new ContainerRefusedError("stale_epoch", `Epoch ${known.epoch} runs.`);
    if (known !== null && known.epoch === epoch && (await isRunning(known.pid))) {
      this.#met.set(session, known.pid);
      this.thawContainer(session);
      return { containerId: known.containerId, socketDirectory };
    }
    await this.stopContainer(session);
    const workspace = this.workspaceOf(session);
    await mkdir(workspace, { recursive: true });
    const agent = spawn(process.execPath, [this.#options.agentScript], {
      detached: true,
      stdio: ["ignore", "ignore", "inherit"],
      cwd: workspace,
      env: {
        PATH: process.env["PATH"],
        HOME: workspace,
        SHELL: "/bin/bash",
        BERTH_AGENT_SOCKET: join(socketDirectory, "agent.sock"),
        BERTH_WORKSPACE: workspace,
      },
    });
    agent.unref();
    if (agent.pid === undefined) throw new Error("the agent did not start");
    const record: Record = { epoch, pid: agent.pid, containerId: `${session}-${epoch}` };
    await writeFile(this.#recordPath(session), JSON.stringify(record));
    this.#met.set(session, agent.pid);
    return { containerId: record.containerId, socketDirectory };
  }

  async stopContainer(session: string): Promise<void> {
    const known = await this.#read(session);
    this.#met.delete(session);
    if (known === null || !(await isRunning(known.pid))) return;
    this.#expectedPids.add(known.pid);
    process.kill(known.pid, "SIGKILL");
    await waitUntil(async () => !(await isRunning(known.pid)), END_MS, "the end of an agent");
  }

  async removeContainer(session: string): Promise<void> {
    await this.stopContainer(session);
    await rm(join(this.#options.directory, session), { recursive: true, force: true, maxRetries: 10 });
  }

  /** The agent and what shares its process group; shells have groups of their own and run on. */
  freezeContainer(session: string): boolean {
    return !this.#turns.isTaken(session) && this.#signal(session, "SIGSTOP");
  }

  thawContainer(session: string): void {
    this.#signal(session, "SIGCONT");
  }

  async readUsage(session: string): Promise<ContainerUsage | null> {
    const pid = this.#met.get(session);
    const stat = pid === undefined ? null : await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    if (stat === null) return null;
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const cpuTicks = (fields[11] ?? 0) + (fields[12] ?? 0);
    return {
      memoryBytes: (fields[21] ?? 0) * PAGE_BYTES,
      oomKills: 0,
      pidsRefused: 0,
      cpuMs: cpuTicks * TICK_MS,
      throttledPeriods: 0,
      disk: { sizeBytes: 2 ** 31, freeBytes: 2 ** 31, inodes: 131_072, freeInodes: 131_072 },
      ...this.pretended.get(session),
    };
  }

  async listContainers(): Promise<SessionContainer[]> {
    const kept = await this.#readAll();
    return kept.map(({ session, epoch, containerId, runs }) => ({ session, epoch, containerId, isRunning: runs }));
  }

  async listTraces(): Promise<string[]> {
    return readdir(this.#options.directory).catch(() => []);
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }

  watch(onEnd: (end: ContainerEnd) => void): () => void {
    const reported = new Set<number>();
    const timer = setInterval(() => void this.#findEnds(reported, onEnd), WATCH_EVERY_MS);
    return () => clearInterval(timer);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends every agent that is left: for the end of a test. */
  async removeAll(): Promise<void> {
    for (const { session } of await this.listContainers()) await this.removeContainer(session);
  }

  #signal(session: string, signal: NodeJS.Signals): boolean {
    const pid = this.#met.get(session);
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
      throw error;
    }
  }

  async #findEnds(reported: Set<number>, onEnd: (end: ContainerEnd) => void): Promise<void> {
    for (const { session, epoch, containerId, pid, runs } of await this.#readAll()) {
      if (runs || reported.has(pid) || this.#expectedPids.has(pid)) continue;
      reported.add(pid);
      onEnd({ session, epoch, containerId, exitCode: 137 });
    }
  }

  async #readAll(): Promise<(Record & { session: string; runs: boolean })[]> {
    const sessions = await readdir(this.#options.directory).catch(() => []);
    const kept = [];
    for (const session of sessions) {
      const known = await this.#read(session);
      if (known !== null) kept.push({ ...known, session, runs: await isRunning(known.pid) });
    }
    return kept;
  }

  async #read(session: string): Promise<Record | null> {
    const text = await readFile(this.#recordPath(session), "utf8").catch(() => null);
    return text === null || text === "" ? null : JSON.parse(text);
  }

  #recordPath(session: string): string {
    return join(this.#options.directory, session, "container.json");
  }
}
