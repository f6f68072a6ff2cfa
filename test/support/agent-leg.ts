// Stands between a session's agent and its daemon, also after the daemon was started again, so that a test can cut that leg too.

import { existsSync, type FSWatcher, lstatSync, watch } from "node:fs";
import { chmod, link, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { AGENT_SOCKET_FILE } from "../../runner-host/container/container-spec.ts";
import { hostLayout } from "../../runner-host/engine/host-layout.ts";
import { CutProxy } from "./cut-proxy.ts";
import { waitUntil } from "./wait-until.ts";

const APPEAR_MS = 30_000;

export class AgentLeg {
  readonly proxy: CutProxy;
  readonly #folder: string;
  readonly #watcher: FSWatcher;
  #standing: Promise<void>;

  private constructor(proxy: CutProxy, folder: string) {
    this.proxy = proxy;
    this.#folder = folder;
    this.#standing = this.#standIn();
    this.#watcher = watch(folder, () => {
      this.#standing = this.#standing.then(() => this.#standIn());
    });
  }

  /**
   * Waits for the daemon to listen for this session and takes the socket's place before the container is up: making one
   * takes longer. Call it right after the session was opened.
   */
  static async standIn(dataDir: string, session: string): Promise<AgentLeg> {
    const folder = join(hostLayout(join(dataDir, "engine")).sockets, session);
    await waitUntil(() => existsSync(join(folder, AGENT_SOCKET_FILE)), APPEAR_MS, "the agent's socket");
    const own = join(folder, "proxy.sock");
    const proxy = await CutProxy.start({ path: own }, { path: join(folder, "daemon.sock") });
    await chmod(own, 0o666);
    const leg = new AgentLeg(proxy, folder);
    await leg.#standing;
    return leg;
  }

  async close(): Promise<void> {
    this.#watcher.close();
    await this.#standing;
    await this.proxy.close();
  }

  async #standIn(): Promise<void> {
    try {
      await this.#replace();
    } catch (error) {
      // The daemon is just making its socket, or removing all: there is word of it once more.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }

  /** Each step replaces a name at once: an agent that dials meanwhile finds one of the two. */
  async #replace(): Promise<void> {
    const [path, own, moved] = [AGENT_SOCKET_FILE, "proxy.sock", "daemon.sock"].map((name) => join(this.#folder, name));
    if (path === undefined || own === undefined || moved === undefined) return;
    if (!existsSync(path) || !existsSync(own) || lstatSync(path).ino === lstatSync(own).ino) return;
    const next = `${moved}.next`;
    await rm(next, { force: true });
    await link(path, next);
    await rename(next, moved);
    await link(own, next);
    await rename(next, path);
  }
}
