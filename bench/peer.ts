// Owns the peer's process and opens lines to it: sockets whose frames are terminal bytes and nothing else.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { z } from "zod";
import { Docker } from "../runner-host/engine/docker.ts";
import { hostLayout } from "../runner-host/engine/host-layout.ts";
import { type ByteLine, LineOutput } from "./byte-line.ts";

export class Peer {
  readonly #child: ChildProcess;
  readonly #address: string;
  readonly #sockets: WebSocket[] = [];

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.#address = address;
  }

  /** In the container of this session; `engineDirectory` is where the stack keeps its engine. */
  static async start(engineDirectory: string, session: string): Promise<Peer> {
    const { engineSocket } = hostLayout(engineDirectory);
    const containers = await new Docker(engineSocket).listContainers("berth.session");
    const container = containers.find(({ labels }) => labels["berth.session"] === session);
    if (container === undefined) throw new Error("the session has no container");
    const script = fileURLToPath(new URL("peer-server.ts", import.meta.url));
    const child = spawn(process.execPath, [script, engineSocket, container.containerId], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return new Peer(child, z.object({ listening: z.string() }).parse(JSON.parse(line)).listening);
  }

  /** A shell of its own; resolves at its first output byte. */
  async open(): Promise<ByteLine> {
    const socket = new WebSocket(this.#address);
    this.#sockets.push(socket);
    const output = new LineOutput();
    const isFirst = output.next(/[\s\S]/);
    socket.on("message", (bytes: Buffer) => output.take(bytes));
    await isFirst;
    return {
      type: (text) => socket.send(Buffer.from(text)),
      expect: (pattern) => output.next(pattern),
      get receivedBytes() {
        return output.receivedBytes;
      },
    };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#child.kill();
  }
}
