// Root of a session against the real daemon: its socket taken, swapped, flooded and fed with forged frames, its agent replaced, while a neighbour types.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#wire/new-id.ts";
import { bundleAgent } from "../../runner-host/agent/bundle.ts";
import { type Daemon, startDaemon } from "../../runner-host/daemon.ts";
import type { ContainerEngine } from "../../runner-host/engine/container-engine.ts";
import { openDockerEngine } from "../../runner-host/engine/docker-engine.ts";
import { PATIENCE } from "../../runner-host/sessions/patience.ts";
import { type EngineMachine, startMachine } from "../runner-host/engine/machine.ts";
import { EdgeStandIn } from "../support/edge-stand-in.ts";
import { hostileAgentProgram } from "../support/hostile-program.ts";
import type { StandInSession } from "../support/stand-in-session.ts";
import { TestTerminal } from "../support/test-terminal.ts";
import { waitUntil } from "../support/wait-until.ts";

const READY_MS = 20_000;
const ANSWER_MS = 10_000;
/** How long the daemon waits for a lost agent here; its container is then started again. */
const AGENT_MS = 4_000;

const edge = new EdgeStandIn();
let directory: string;
let machine: EngineMachine;
let engine: ContainerEngine;
let daemon: Daemon;
let neighbour: Typist;
/** Another one for each group: a container is started again a few times only. */
let attacker: Typist;
const sessions: string[] = [];

/** A learner at a terminal of a claimed session. */
class Typist {
  readonly held: StandInSession;
  readonly terminal = new TestTerminal(0);
  #asked = 0;

  constructor(held: StandInSession) {
    this.held = held;
    held.attach(1, this.terminal);
  }

  /** Runs a line; resolves with what it printed. */
  async run(line: string, withinMs = ANSWER_MS): Promise<string> {
    const mark = `<${++this.#asked}-${this.held.session.slice(2, 8)}>`;
    const from = this.terminal.text.length;
    this.held.type(1, `${line}; echo "${mark.slice(0, 2)}""${mark.slice(2)}"\n`);
    await waitUntil(
      () => this.terminal.text.slice(from).includes(`${mark}\r`),
      withinMs,
      `an answer to ${line.slice(0, 60)}`,
    );
    return this.terminal.text.slice(from);
  }

  /** Runs a Python program as root, beyond the life of terminal and agent. */
  leave(program: string, name: string): Promise<string> {
    const text = Buffer.from(program).toString("base64");
    return this.run(
      `echo ${text} | base64 -d > /tmp/${name}.py; sudo setsid python3 /tmp/${name}.py > /tmp/${name}.log 2>&1 < /dev/null & true`,
    );
  }

  async ready(): Promise<void> {
    await waitUntil(() => this.held.isAgentUp && this.terminal.isOpen, READY_MS, "a terminal");
    this.held.type(1, "\n");
    await this.run("true", READY_MS);
  }
}

async function openTypist(): Promise<Typist> {
  const typist = new Typist(edge.claim(newId("s"), 1));
  sessions.push(typist.held.session);
  await typist.ready();
  return typist;
}

beforeAll(async () => {
  machine = await startMachine();
  directory = await mkdtemp(join(tmpdir(), "berth-daemon-"));
  const agentDirectory = join(directory, "agent");
  await bundleAgent(agentDirectory);
  engine = await openDockerEngine({ layout: machine.engine.layout, images: machine.images, agentDirectory });
  await edge.listen();
  const ready = Promise.withResolvers<void>();
  const config = {
    edgeUrl: edge.url,
    stateDirectory: join(directory, "state"),
    credentialFile: join(directory, "state", "credential.json"),
    hostName: "host-under-attack",
    capacity: 4,
    httpPort: 0,
    joinToken: "join-once",
    pauseAfterMs: 0,
  };
  const events = { onReady: () => ready.resolve(), onRefused: (reason: string) => ready.reject(new Error(reason)) };
  const log = pino({ level: process.env["BERTH_TEST_LOG"] ?? "silent" });
  daemon = await startDaemon(config, engine, log, events, { ...PATIENCE, agentMs: AGENT_MS });
  await ready.promise;
  neighbour = await openTypist();
  await neighbour.run("echo precious > /workspace/mine");
});

afterEach(async () => {
  expect(await neighbour.run("cat /workspace/mine")).toContain("precious\r");
  expect(neighbour.terminal.instances).toHaveLength(1);
  expect(neighbour.terminal.faults).toEqual([]);
  expect(neighbour.held.accepted).toBe(1);
  expect(readdirSync(machine.engine.layout.sockets).sort()).toEqual([...sessions].sort());
  for (const folder of readdirSync(machine.engine.layout.sockets))
    expect(readdirSync(join(machine.engine.layout.sockets, folder))).toEqual(["agent.sock"]);
});

afterAll(async () => {
  await daemon?.close();
  await edge.stop();
  await machine?.close();
  await rm(directory, { recursive: true, force: true });
});

/** The neighbour types `count` lines, one after another; how long each answer took is printed. */
async function typeAlong(count: number): Promise<void> {
  const took: number[] = [];
  for (let number = 0; number < count; number++) {
    const askedAtMs = performance.now();
    expect(await neighbour.run(`echo answer $((${number} * 7))`)).toContain(`answer ${number * 7}\r`);
    took.push(performance.now() - askedAtMs);
  }
  took.sort((a, b) => a - b);
  process.stdout.write(`neighbour: median ${took[count >> 1]?.toFixed(1)} ms, longest ${took.at(-1)?.toFixed(1)} ms\n`);
}

/** After what was done to it, the attacker's session has its true agent again. */
async function expectRecovery(instancesBefore: number): Promise<void> {
  await waitUntil(
    () => attacker.terminal.instances.length > instancesBefore,
    READY_MS,
    "a new terminal of the attacker",
  );
  await attacker.ready();
}

const agentProcess = "$(pgrep -f [o]pt/berth/agent/agent.js)";

describe("the agent's socket", () => {
  beforeAll(async () => {
    attacker = await openTypist();
  });

  it("fed with forged frames costs the neighbour nothing, and the daemon no memory that stays", async () => {
    const before = process.memoryUsage().rss;
    await attacker.leave(hostileAgentProgram, "forger");
    await typeAlong(60);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
    await endPrograms("forger");
  });

  it("takes no more than a few connections at once, and none of the descriptors that come along", async () => {
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    await attacker.leave(
      `import array, os, socket, time
held = []
while True:
    try:
        one = socket.socket(socket.AF_UNIX); one.connect("/run/berth/agent.sock"); held.append(one)
        files = [os.open("/dev/null", 0) for _ in range(100)]
        for _ in range(20): one.sendmsg([b"\\0\\0\\0\\2\\0{"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
        for file in files: os.close(file)
    except OSError: pass
    if len(held) > 500: held.clear()
    time.sleep(0.001)`,
      "descriptors",
    );
    await typeAlong(30);
    expect(descriptors() - before).toBeLessThan(40);
    await endPrograms("descriptors");
  });

  it.each([
    ["a link to the machine's files", "sudo umount -l /run/berth; sudo rmdir /run/berth; sudo ln -s /etc /run/berth"],
    [
      "a folder with a socket of the attacker's",
      "sudo umount -l /run/berth; sudo python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"/run/berth/agent.sock\")'",
    ],
    ["a mount over the socket itself", "touch /tmp/other; sudo mount --bind /tmp/other /run/berth/agent.sock"],
  ])(
    "replaced by %s is lost to the attacker until the container is started again, and to nobody else",
    async (_, replace) => {
      const instances = attacker.terminal.instances.length;
      attacker.held.type(1, `${replace}; sudo kill -KILL ${agentProcess}\n`);
      await waitUntil(() => !attacker.held.isAgentUp, ANSWER_MS, "the attacker's loss");
      await typeAlong(10);
      await expectRecovery(instances);
      expect(readFileSync("/etc/hostname", "utf8")).not.toBe("");
    },
  );
});

describe("the agent", () => {
  beforeAll(async () => {
    attacker = await openTypist();
  });

  it.each([
    ["says nothing", "require('net').connect('/run/berth/agent.sock'); setInterval(() => {}, 1000)"],
    [
      "greets and then is deaf",
      `const s = require('net').connect('/run/berth/agent.sock', () => { const m = Buffer.from(JSON.stringify({ type: 'hello', protocolVersion: ${2 ** 30}, terminals: [] })); const h = Buffer.alloc(5); h.writeUInt32BE(m.length + 1); s.write(Buffer.concat([h, m])) }); s.on('error', () => {}); setInterval(() => {}, 1000)`,
    ],
  ])(
    "replaced by one that %s gives way to the true one, whose folder on the machine is as it was",
    async (_, program) => {
      const files = readdirSync(machine.engine.layout.agent).sort();
      const instances = attacker.terminal.instances.length;
      const text = Buffer.from(program).toString("base64");
      attacker.held.type(
        1,
        `sudo umount -l /opt/berth/agent; echo ${text} | base64 -d | sudo tee /opt/berth/agent/agent.js > /dev/null; sudo kill -KILL ${agentProcess}\n`,
      );
      await waitUntil(() => !attacker.held.isAgentUp, ANSWER_MS, "the attacker's loss");
      await typeAlong(10);
      await expectRecovery(instances);
      expect(readdirSync(machine.engine.layout.agent).sort()).toEqual(files);
    },
  );

  it("stopped in its tracks is started anew", async () => {
    const instances = attacker.terminal.instances.length;
    attacker.held.type(1, `sudo kill -STOP ${agentProcess}\n`);
    await typeAlong(10);
    await waitUntil(() => attacker.terminal.instances.length > instances, 60_000, "a new terminal of the attacker");
    await attacker.ready();
  });
});

/** Ends what was left running, and waits for a terminal that nobody disturbs. */
async function endPrograms(name: string): Promise<void> {
  const pids = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`/tmp/${name}.py`));
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  await attacker.ready();
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // It ended since it was listed.
    return "";
  }
}
