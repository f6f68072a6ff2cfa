// Looks for everything that a runner host may keep of one session: nothing of it may be left when the session is over.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { LABELS } from "../../runner-host/container/container-spec.ts";
import { Docker } from "../../runner-host/engine/docker.ts";
import { type HostLayout, hostLayout } from "../../runner-host/engine/host-layout.ts";
import { readMountPoints } from "../../runner-host/engine/mounts.ts";

export function layoutOf(dataDir: string): HostLayout {
  return hostLayout(join(dataDir, "engine"));
}

/** Containers of the session, whatever their state and epoch; null while the engine does not answer. */
export async function countContainers(dataDir: string, session: string): Promise<number | null> {
  const docker = new Docker(layoutOf(dataDir).engineSocket);
  return docker.glanceAtContainers(`${LABELS.session}=${session}`).then(
    (found) => found.length,
    () => null,
  );
}

/** One line for each thing that is left of it. */
export async function findTraces(dataDir: string, session: string): Promise<string[]> {
  const layout = layoutOf(dataDir);
  const folders = [layout.diskFiles, layout.disks, layout.sockets, join(dataDir, "runner-host/sessions")];
  const files = folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(session))
      .map((name) => join(folder, name)),
  );
  const mounts = (await readMountPoints()).filter((point) => point.includes(session));
  const containers = await countContainers(dataDir, session);
  return [
    ...files,
    ...mounts.map((point) => `mount ${point}`),
    ...(containers === 0 ? [] : [`${containers ?? "unknown"} containers`]),
  ];
}
