// Where attacks are tried: an attacker's and a neighbour's session container on one private engine, and what is read of the machine from outside.

import { readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { newId } from "#wire/new-id.ts";
import type { ContainerEngine } from "../../runner-host/engine/container-engine.ts";
import { Docker } from "../../runner-host/engine/docker.ts";
import { type EngineMachine, startMachine } from "../runner-host/engine/machine.ts";
import { type CommandResult, StandInDaemon } from "../runner-host/engine/stand-in-daemon.ts";
import { type ClockStart, readLimits, readMachine, startClock } from "./machine-facts.ts";

export const PYTHON = "berth/python:3.11";

/** Python that many attacks begin with: `call(number, ...)` gives the result of a system call or the name of its error. */
export const SYSTEM_CALLS = `
import ctypes, errno, os, signal, socket, struct, sys, time
kernel = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(256)
def call(number, *arguments):
    result = kernel.syscall(number, *arguments)
    return result if result != -1 else errno.errorcode.get(ctypes.get_errno(), "?")
`;

/** One session's container, as its own root sees it. */
export class Lab {
  readonly session: string;
  readonly daemon: StandInDaemon;
  readonly #ground: { engine: ContainerEngine; docker: Docker };

  constructor(session: string, daemon: StandInDaemon, ground: { engine: ContainerEngine; docker: Docker }) {
    this.session = session;
    this.daemon = daemon;
    this.#ground = ground;
  }

  /** Runs a script as root; whatever it prints, on either stream, in one text. */
  async sh(script: string): Promise<string> {
    return said(await this.daemon.run(`sudo bash -c "$(echo ${encode(script)} | base64 -d)" 2>&1`));
  }

  async python(script: string): Promise<string> {
    const text = encode(SYSTEM_CALLS + script);
    return said(await this.daemon.run(`sudo python3 -c "$(echo ${text} | base64 -d)" 2>&1`));
  }

  /** As the machine numbers it. */
  async firstProcess(): Promise<number> {
    const containers = await this.#ground.engine.listContainers();
    const containerId = containers.find((one) => one.session === this.session)?.containerId ?? "";
    const pid = await this.#ground.docker.findFirstProcess(containerId);
    if (pid === null) throw new Error(`the container of ${this.session} does not run`);
    return pid;
  }
}

function encode(script: string): string {
  return Buffer.from(script).toString("base64");
}

function said({ stdout, stderr }: CommandResult): string {
  return `${stdout}${stderr}`.trim();
}

export class AttackGround {
  readonly machine: EngineMachine;
  readonly engine: ContainerEngine;
  readonly docker: Docker;
  /** A folder of the machine's own, which no container is shown. */
  readonly treasury: string;
  readonly attacker: Lab;
  readonly neighbour: Lab;
  readonly #clock: ClockStart = startClock();
  #before: Record<string, string> = {};

  private constructor(
    machine: EngineMachine,
    engine: ContainerEngine,
    treasury: string,
    [attacker, neighbour]: readonly [Lab, Lab],
  ) {
    this.machine = machine;
    this.engine = engine;
    this.docker = new Docker(machine.engine.socketPath);
    this.treasury = treasury;
    this.attacker = attacker;
    this.neighbour = neighbour;
  }

  static async open(): Promise<AttackGround> {
    const machine = await startMachine();
    const engine = await machine.open();
    const docker = new Docker(machine.engine.socketPath);
    const treasury = await mkdtemp(join(tmpdir(), "berth-treasury-"));
    await writeFile(join(treasury, "secret"), "the machine's own", { mode: 0o600 });
    const labs = await Promise.all([openLab(engine, docker), openLab(engine, docker)]);
    const ground = new AttackGround(machine, engine, treasury, labs);
    await ground.neighbour.sh("echo precious > /workspace/mine; docker images -q > /workspace/images");
    await ground.remember();
    return ground;
  }

  /** Takes the state of machine and neighbour as that which attacks must not change. */
  async remember(): Promise<void> {
    this.#before = await this.#read();
  }

  /** Nothing of the machine's or the neighbour's is other than it was, and the neighbour answers. */
  async expectUnharmed(): Promise<void> {
    expect(await this.#read()).toEqual(this.#before);
    expect(
      await this.neighbour.daemon.read(
        "echo $((40 + 2)); cat /workspace/mine; docker images -q | cmp - /workspace/images && echo same",
      ),
    ).toBe("42\nprecious\nsame");
  }

  /** A further session, for as long as `use` takes. */
  async withLab<T>(use: (lab: Lab) => Promise<T>): Promise<T> {
    const lab = await openLab(this.engine, this.docker);
    try {
      return await use(lab);
    } finally {
      await lab.daemon.close();
      await this.engine.removeContainer(lab.session);
    }
  }

  /** Bytes of the machine's disk that a session's disk takes. */
  diskBytes(lab: Lab): number {
    return statSync(join(this.machine.engine.layout.diskFiles, `${lab.session}.ext4`)).blocks * 512;
  }

  async close(): Promise<void> {
    await Promise.all([this.attacker.daemon.close(), this.neighbour.daemon.close()]);
    await this.engine.close();
    await this.machine.close();
    await rm(this.treasury, { recursive: true });
  }

  async #read(): Promise<Record<string, string>> {
    const { engine } = this.machine;
    const firstProcess = await this.attacker.firstProcess();
    return {
      ...readMachine(engine.layout, this.#clock),
      ...readLimits(firstProcess),
      secret: readFileSync(join(this.treasury, "secret"), "utf8"),
      "engine's process": `${statSync(`/proc/${engine.pid}`).isDirectory()}`,
      "attacker's process": String(firstProcess),
      "neighbour's process": String(await this.neighbour.firstProcess()),
    };
  }
}

async function openLab(engine: ContainerEngine, docker: Docker): Promise<Lab> {
  const session = newId("s");
  const daemon = await StandInDaemon.listen(await engine.openSocketDirectory(session));
  await engine.ensureContainer({ session, epoch: 1, images: [PYTHON] });
  return new Lab(session, daemon, { engine, docker });
}
