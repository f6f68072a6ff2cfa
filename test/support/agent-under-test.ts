// Runs one bundled agent as a process and speaks to it as the daemon would.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import { type AgentMessage, agentMessageSchema, type DaemonMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { decodeRunnerFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { encodeJsonFrame, encodeTerminalFrame, FrameSplitter } from "../../runner-host/agent/agent-frame.ts";
import { bundleAgent } from "../../runner-host/agent/bundle.ts";
import { waitUntil } from "./wait-until.ts";

type Message<Type> = Extract<AgentMessage, { type: Type }>;

export class AgentUnderTest {
  readonly directory: string;
  readonly workspace: string;
  readonly said: AgentMessage[] = [];
  /** Output of terminal 0 as it came, from its first byte on. */
  output = Buffer.alloc(0);
  connections = 0;
  /** Whether output is acknowledged as it comes. */
  isDrawing = true;
  readonly #server: Server;
  readonly #process: ChildProcess;
  #socket: Socket | null = null;

  private constructor(directory: string, server: Server, process: ChildProcess) {
    this.directory = directory;
    this.workspace = join(directory, "workspace");
    this.#server = server;
    this.#process = process;
    server.on("connection", (socket) => this.#accept(socket));
  }

  static async start(): Promise<AgentUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), "berth-agent-"));
    const workspace = join(directory, "workspace");
    await mkdir(workspace);
    const { script } = await bundleAgent(directory);
    const path = join(directory, "agent.sock");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const agent = spawn(process.execPath, [script], {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        PATH: process.env["PATH"],
        HOME: directory,
        SHELL: "/bin/bash",
        BERTH_AGENT_SOCKET: path,
        BERTH_WORKSPACE: workspace,
      },
    });
    return new AgentUnderTest(directory, server, agent);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get text(): string {
    return this.output.toString("utf8");
  }

  send(message: DaemonMessage): void {
    this.#socket?.write(encodeJsonFrame(message));
  }

  open(changes: Partial<Extract<DaemonMessage, { type: "open" }>> = {}): void {
    const client = "6f1c1f0e-5d3c-4f55-9d0b-0c6b9a3f6a11";
    this.send({
      type: "open",
      connection: 1,
      terminal: 0,
      cols: 80,
      rows: 24,
      claimsSize: true,
      client,
      instance: null,
      offset: null,
      ...changes,
    });
  }

  type(offset: number, input: string | Uint8Array): void {
    const payload = typeof input === "string" ? Buffer.from(input) : input;
    this.#socket?.write(encodeTerminalFrame(encodeRunnerFrame({ connection: 1, terminal: 0, offset, payload })));
  }

  cut(): void {
    this.#socket?.destroy();
  }

  all<Type extends AgentMessage["type"]>(type: Type): Message<Type>[] {
    return this.said.filter((message): message is Message<Type> => message.type === type);
  }

  async waitFor<Type extends AgentMessage["type"]>(type: Type, count = 1): Promise<Message<Type>> {
    await waitUntil(() => this.all(type).length >= count, 10_000, `${type} from the agent`);
    const message = this.all(type)[count - 1];
    if (message === undefined) throw new Error("cannot happen");
    return message;
  }

  async waitForText(pattern: RegExp): Promise<RegExpExecArray> {
    await waitUntil(() => pattern.test(this.text), 10_000, `output like ${pattern}`);
    const match = pattern.exec(this.text);
    if (match === null) throw new Error("cannot happen");
    return match;
  }

  async dispose(): Promise<void> {
    const ended =
      this.#process.exitCode === null && this.#process.signalCode === null ? once(this.#process, "exit") : null;
    this.#process.kill("SIGKILL");
    await ended;
    this.#socket?.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10 });
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.#socket = socket;
    const splitter = new FrameSplitter();
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      splitter.push(bytes);
      for (let frame = splitter.next(); frame !== null; frame = splitter.next()) this.#take(frame.kind, frame.payload);
    });
  }

  #take(kind: number, payload: Buffer): void {
    if (kind !== AGENT_FRAME_TERMINAL)
      return void this.said.push(agentMessageSchema.parse(JSON.parse(payload.toString())));
    const frame = decodeRunnerFrame(payload, limits.terminalFrameBytes);
    if (frame === null) throw new Error("a malformed output frame");
    const known = this.output.length - frame.offset;
    if (known < 0) throw new Error(`output at ${frame.offset} where ${this.output.length} was next`);
    this.output = Buffer.concat([this.output, frame.payload.subarray(known)]);
    if (this.isDrawing) this.send({ type: "ack", connection: 1, terminal: 0, offset: this.output.length });
  }
}
