// Stands between a session's agent and its daemon, so that a test can cut that leg too.

import { existsSync } from "node:fs";
import { chmod, mkdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AGENT_SOCKET_FILE } from "../../runner-host/container/container-spec.ts";
import { hostLayout } from "../../runner-host/engine/host-layout.ts";
import { CutProxy } from "./cut-proxy.ts";
import { waitUntil } from "./wait-until.ts";

const APPEAR_MS = 30_000;

export class AgentLeg {
  readonly proxy: CutProxy;
  readonly #folder: string;
  readonly #moved: string;

  private constructor(proxy: CutProxy, folder: string, moved: string) {
    this.proxy = proxy;
    this.#folder = folder;
    this.#moved = moved;
  }

  /**
   * Waits for the daemon to listen for this session and takes the socket's place before the container is up: making one
   * takes longer. Call it right after the session was opened.
   */
  static async standIn(dataDir: string, session: string): Promise<AgentLeg> {
    const folder = join(hostLayout(join(dataDir, "engine")).sockets, session);
    const path = join(folder, AGENT_SOCKET_FILE);
    await waitUntil(() => existsSync(path), APPEAR_MS, "the agent's socket");
    const moved = join(folder, "daemon.sock");
    await rename(path, moved);
    const proxy = await CutProxy.start({ path }, { path: moved });
    await chmod(path, 0o666);
    return new AgentLeg(proxy, folder, moved);
  }

  /**
   * From now on the daemon may be started again: it finds a folder of its own to listen in, and the container keeps the
   * one that it has mounted, with the proxy in it. The agent must have connected.
   */
  async outliveDaemon(): Promise<void> {
    // Beside the folder of all sockets: what is in there of no session is swept.
    const mounted = join(dirname(this.#folder), "..", `mounted-${basename(this.#folder)}`);
    const path = join(this.#folder, AGENT_SOCKET_FILE);
    await rename(this.#folder, mounted);
    await mkdir(this.#folder, { mode: 0o711 });
    await rename(this.#moved.replace(this.#folder, mounted), path);
    this.proxy.retarget({ path });
  }

  async close(): Promise<void> {
    await this.proxy.close();
  }
}
