// Stands between a session's agent and its daemon, so that a test can cut that leg too.

import { existsSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { join } from "node:path";
import { AGENT_SOCKET_FILE } from "../../runner-host/container/container-spec.ts";
import { hostLayout } from "../../runner-host/engine/host-layout.ts";
import { CutProxy } from "./cut-proxy.ts";
import { waitUntil } from "./wait-until.ts";

const APPEAR_MS = 30_000;

/**
 * Waits for the daemon to listen for this session and takes the socket's place before the container is up: making one
 * takes longer. Call it right after the session was opened.
 */
export async function standInAgentLeg(dataDir: string, session: string): Promise<CutProxy> {
  const folder = join(hostLayout(join(dataDir, "engine")).sockets, session);
  const path = join(folder, AGENT_SOCKET_FILE);
  await waitUntil(() => existsSync(path), APPEAR_MS, "the agent's socket");
  const moved = join(folder, "daemon.sock");
  await rename(path, moved);
  const proxy = await CutProxy.start({ path }, { path: moved });
  await chmod(path, 0o666);
  return proxy;
}
