// The whole of Berth as its users run it: a process of its own on a free port, with a data directory that belongs to one test file.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildrenRecord, readChildren } from "../../local/supervise/children-record.ts";
import { isRunning, waitForEnd } from "../../runner-host/engine/processes.ts";
import { findLeftovers } from "./leftovers.ts";
import { waitUntil } from "./wait-until.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const START_MS = 240_000;
const STOP_MS = 35_000;
const LEAVE_MS = 10_000;
/** Loading the images into an engine takes seconds; they stay in it between runs. */
const KEPT = "engine";

export interface StackOptions {
  /** Names the data directory: no two test files share one. */
  readonly name: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Goes on with the state of an earlier stack of this name. */
  readonly keepsState?: boolean;
}

export class Stack {
  readonly address: string;
  readonly dataDir: string;
  /** From the start of the process until it served. */
  readonly startMs: number;
  readonly #process: ChildProcess;
  readonly #said: () => string;

  private constructor(address: string, dataDir: string, startMs: number, child: ChildProcess, said: () => string) {
    this.address = address;
    this.dataDir = dataDir;
    this.startMs = startMs;
    this.#process = child;
    this.#said = said;
  }

  static async start(options: StackOptions): Promise<Stack> {
    const dataDir = stackDataDir(options.name);
    await endEarlierRun(dataDir);
    if (options.keepsState !== true) await wipe(dataDir);
    const startedAt = performance.now();
    const { child, said } = runStart(
      ["--port", "0", "--data-dir", dataDir, ...(options.flags ?? [])],
      options.environment,
    );
    const address = (): string | undefined => /Berth is at (http:\S+)/.exec(said())?.[1];
    await waitUntil(() => address() !== undefined || child.exitCode !== null, START_MS, "the start of Berth");
    const found = address();
    if (found === undefined) throw new Error(`Berth did not start:\n${said()}`);
    return new Stack(found, dataDir, performance.now() - startedAt, child, said);
  }

  get said(): string {
    return this.#said();
  }

  children(): Promise<ChildrenRecord> {
    return readChildren(join(this.dataDir, "children.json"));
  }

  /** kill -9 of one child; resolves when it is gone. The supervisor starts it again. */
  async kill(name: string): Promise<void> {
    const child = (await this.children())[name];
    if (child === undefined)
      throw new Error(`there is no ${name} among ${Object.keys(await this.children()).join(", ")}`);
    process.kill(child.pid, "SIGKILL");
    if (!(await waitForEnd(child, LEAVE_MS))) throw new Error(`${name} outlived SIGKILL`);
  }

  /** Ends it as Ctrl-C does; resolves with what it left, which must be nothing. */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<string[]> {
    const exited = once(this.#process, "exit");
    this.#process.kill(signal);
    const force = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MS);
    const [code, killedBy] = await exited;
    clearTimeout(force);
    const exit = code === 0 ? [] : [`exit code ${String(code ?? killedBy)}:\n${this.said.slice(-2_000)}`];
    return [...exit, ...findLeftovers(this.dataDir)];
  }

  /** What a power cut does to the supervisor: it gets no chance to stop anything. */
  async crash(): Promise<void> {
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }
}

export function stackDataDir(name: string): string {
  return join(PROJECT, ".berth/test", name);
}

/** Runs `npm start` with these flags; `said` is everything it wrote. */
export function runStart(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [join(PROJECT, "local/main.ts"), ...flags], {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return { child, said: () => text };
}

/** A test run that was killed leaves its supervisor; it is asked to stop first. */
async function endEarlierRun(dataDir: string): Promise<void> {
  const { supervisor } = await readChildren(join(dataDir, "children.json"));
  if (supervisor === undefined || !(await isRunning(supervisor))) return;
  process.kill(supervisor.pid, "SIGTERM");
  await waitForEnd(supervisor, STOP_MS);
}

async function wipe(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  for (const name of await readdir(dataDir)) {
    // The record of what a crash left must outlive the wiping: the next start clears it.
    if (name !== KEPT && name !== "children.json") await rm(join(dataDir, name), { recursive: true, force: true });
  }
}
