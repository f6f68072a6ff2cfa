// Owns the socket that one session's agent dials, and which of its connections counts: the newest that said hello.

import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import type { TerminalSummary } from "#wire/session.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { AgentConnection } from "./agent-connection.ts";
import { TokenBucket } from "./token-bucket.ts";

/** An agent redials within a second; a faster one is not ours. The edge is told of each twice, and closes a data socket that says it too often. */
export const CONNECTIONS_BURST = (3 * limits.agentChangesBurst) / 8;
const CONNECTIONS_PER_SECOND = limits.agentChangesPerSecond / 4;
const CONNECTIONS_MAX = 4;
const HELLO_MS = 5_000;

export type AgentReply = Exclude<AgentMessage, { type: "hello" }>;

export interface AgentServerEvents {
  onUp(agent: AgentConnection, terminals: TerminalSummary[]): void;
  onDown(): void;
  onReply(message: AgentReply): void;
  onOutput(output: RunnerFrame, runnerFrame: Buffer): void;
  /** Something was sent to the agent in charge that it has to do something about. */
  onUse(): void;
  onDrain(): void;
  /** An agent of another protocol version came, and was cut. */
  onOutdated(version: number): void;
  /** A connection was cut by this side: for the log. */
  onCut(reason: string): void;
}

export class AgentServer {
  readonly #events: AgentServerEvents;
  readonly #server: Server;
  readonly #bucket = new TokenBucket(CONNECTIONS_BURST, CONNECTIONS_PER_SECOND, performance.now());
  readonly #connections = new Set<AgentConnection>();
  #current: AgentConnection | null = null;

  constructor(events: AgentServerEvents) {
    this.#events = events;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** The agent in charge, or null. */
  get current(): AgentConnection | null {
    return this.#current;
  }

  /** `path` lies in a folder that no container can write; what an earlier daemon left there is replaced. */
  async listen(path: string): Promise<void> {
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(path, resolve);
    });
    // The agent runs as another user, remapped.
    await chmod(path, 0o666);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const connection of this.#connections) connection.cut("The daemon lets go of this session.");
    });
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= CONNECTIONS_MAX || !this.#bucket.take(performance.now())) {
      socket.on("error", () => socket.destroy());
      socket.destroy();
      return;
    }
    let hasGreeted = false;
    const helloTimer = setTimeout(() => connection.cut("No hello came."), HELLO_MS);
    const connection: AgentConnection = new AgentConnection(socket, {
      onMessage: (message) => {
        if (hasGreeted === (message.type === "hello")) return connection.cut(`A ${message.type} came out of turn.`);
        if (message.type !== "hello") {
          if (this.#current === connection) this.#events.onReply(message);
          return;
        }
        if (message.protocolVersion !== AGENT_PROTOCOL_VERSION) {
          connection.cut(`The agent speaks version ${message.protocolVersion}.`);
          this.#events.onOutdated(message.protocolVersion);
          return;
        }
        hasGreeted = true;
        clearTimeout(helloTimer);
        this.#replace(connection, message.terminals);
      },
      onOutput: (output, runnerFrame) => {
        if (!hasGreeted) return connection.cut("Output came before hello.");
        if (this.#current === connection) this.#events.onOutput(output, runnerFrame);
      },
      onUse: () => {
        if (this.#current === connection) this.#events.onUse();
      },
      onDrain: () => {
        if (this.#current === connection) this.#events.onDrain();
      },
      onClose: (reason) => {
        clearTimeout(helloTimer);
        this.#connections.delete(connection);
        if (reason !== null) this.#events.onCut(reason);
        if (this.#current !== connection) return;
        this.#current = null;
        this.#events.onDown();
      },
    });
    this.#connections.add(connection);
  }

  #replace(connection: AgentConnection, terminals: TerminalSummary[]): void {
    const former = this.#current;
    if (former !== null) {
      this.#current = null;
      this.#events.onDown();
      former.cut("A newer connection of the agent took this one's place.");
    }
    this.#current = connection;
    this.#events.onUp(connection, terminals);
  }
}
