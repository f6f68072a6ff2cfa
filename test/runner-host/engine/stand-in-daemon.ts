// Listens where a session's agent dials, and runs shell commands through the stand-in agent inside its container.

import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { z } from "zod";
import { AGENT_SOCKET_FILE } from "../../../runner-host/container/container-spec.ts";

const AGENT_MS = 20_000;
const COMMAND_MS = 60_000;

const helloSchema = z.strictObject({ pid: z.int() });
const resultSchema = z.strictObject({
  exitCode: z.union([z.int(), z.string()]),
  stdout: z.string(),
  stderr: z.string(),
});
export type CommandResult = z.infer<typeof resultSchema>;

interface Agent {
  pid: number;
  socket: Socket;
  lines: Interface;
}

export class StandInDaemon {
  readonly #server: Server = createServer((socket) => {
    // One that hangs up before it said hello is no agent.
    this.#accept(socket).catch(() => socket.destroy());
  });
  readonly #sockets = new Set<Socket>();
  #agent: Agent | null = null;
  /** Pids of all agents that ever connected. */
  readonly agentsSeen = new Set<number>();
  /** How many times an agent has said hello. */
  hellos = 0;

  static async listen(socketDirectory: string): Promise<StandInDaemon> {
    const daemon = new StandInDaemon();
    const path = join(socketDirectory, AGENT_SOCKET_FILE);
    await rm(path, { force: true });
    daemon.#server.listen(path);
    await once(daemon.#server, "listening");
    await chmod(path, 0o666);
    return daemon;
  }

  /** Pid of the connected agent, as it sees itself; waits for one to connect. */
  async agentPid(): Promise<number> {
    return (await this.#connected()).pid;
  }

  /** Resolves once so many agents have said hello: before that the one that answers may be the one that was just ended. */
  async heard(hellos: number): Promise<void> {
    const signal = AbortSignal.timeout(AGENT_MS);
    while (this.hellos < hellos) await once(this.#server, "berth-agent", { signal });
  }

  async run(command: string): Promise<CommandResult> {
    const { socket, lines } = await this.#connected();
    const answer = once(lines, "line", { signal: AbortSignal.timeout(COMMAND_MS) });
    socket.write(`${JSON.stringify({ command, timeoutMs: COMMAND_MS })}\n`);
    return resultSchema.parse(JSON.parse(String((await answer)[0])));
  }

  /** Standard output of a command that must succeed. */
  async read(command: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(command);
    if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}: ${stderr}${stdout}`);
    return stdout.trim();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #connected(): Promise<Agent> {
    if (this.#agent === null) await once(this.#server, "berth-agent", { signal: AbortSignal.timeout(AGENT_MS) });
    return this.#agent ?? this.#connected();
  }

  async #accept(socket: Socket): Promise<void> {
    const lines = createInterface({ input: socket });
    lines.on("error", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#agent?.socket === socket) this.#agent = null;
    });
    const [hello] = await once(lines, "line");
    const { pid } = helloSchema.parse(JSON.parse(String(hello)));
    this.agentsSeen.add(pid);
    this.hellos += 1;
    this.#agent = { pid, socket, lines };
    this.#server.emit("berth-agent");
  }
}
