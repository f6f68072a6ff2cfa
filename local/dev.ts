// `npm run dev`: Berth as `npm start` runs it, with the page served by Vite and reloaded as it changes, and the edge and the daemon started again as they change.

import { watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { runFromCommandLine } from "./run.ts";
import type { RunningBerth } from "./start.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const PAGE_PORT = 5173;
/** An editor writes several files at once. */
const SETTLE_MS = 200;

async function servePage(edge: string): Promise<() => Promise<void>> {
  const server = await createServer({
    configFile: join(PROJECT, "web/vite.config.ts"),
    server: {
      port: PAGE_PORT,
      proxy: Object.fromEntries(["/api", "/auth", "/ws", "/healthz"].map((path) => [path, { target: edge, ws: true }])),
    },
  });
  await server.listen();
  server.printUrls();
  return () => server.close();
}

/** Calls back once things have settled after a change below one of the folders. */
function watchFolders(folders: readonly string[], onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watchers = folders.map((folder) =>
    watch(join(PROJECT, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(onChange, SETTLE_MS);
    }),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

async function develop(berth: RunningBerth): Promise<() => Promise<void>> {
  const closePage = await servePage(berth.address);
  const reloadEdge = (): void => {
    berth.reloadEdge().catch((error: Error) => process.stderr.write(`${error.message}\n`));
  };
  const closeWatches = [
    watchFolders(["worker", "schema"], reloadEdge),
    watchFolders(["runner-host", "schema"], () => berth.reloadRunnerHost()),
  ];
  return async () => {
    for (const close of closeWatches) close();
    await closePage();
  };
}

process.exit(await runFromCommandLine(process.argv.slice(2), develop));
