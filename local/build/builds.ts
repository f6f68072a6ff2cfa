// Owns what is built before a start: the worker's bundle, the page and the agent.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../runner-host/engine/command.ts";
import type { Build } from "./build-once.ts";

const SHARED = ["package-lock.json", "package.json", "tsconfig.base.json", "schema/wire"];

/** wrangler asks nobody and reports nothing. */
export const WRANGLER_ENVIRONMENT = {
  CI: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** The bundle of `npm start` contains development sign-in and is told whether it is on; the one of `npm run deploy` lacks it. */
const DEV_SIGN_IN = "__DEV_SIGN_IN__:true";

const WORKER_SOURCES = [...SHARED, "wrangler.toml", "worker", "schema/db", "local/build"];

export const workerBuild: Build = {
  name: "worker",
  sources: WORKER_SOURCES,
  output: "dist/worker",
  run: (project, output) => bundleWorker(project, output),
};

/** The same worker inside another module, an index.ts, which adds what tests need. */
export function wrappedWorkerBuild(name: string, entry: string): Build {
  return {
    name,
    sources: [...WORKER_SOURCES, entry],
    output: `dist/${name}`,
    run: (project, output) => bundleWorker(project, output, entry),
  };
}

/** Without an entry it is the one that wrangler.toml names. */
async function bundleWorker(project: string, output: string, entry?: string): Promise<void> {
  const options = { cwd: project, env: WRANGLER_ENVIRONMENT };
  const [, facts] = await Promise.all([
    runCommand(
      tool(project, "wrangler"),
      ["deploy", ...(entry === undefined ? [] : [entry]), "--dry-run", "--outdir", output, "--define", DEV_SIGN_IN],
      options,
    ),
    runCommand(
      process.execPath,
      [join(project, "local/build/print-edge-facts.ts"), join(project, "wrangler.toml")],
      options,
    ),
  ]);
  await writeFile(join(output, "edge-facts.json"), facts);
}

export const webBuild: Build = {
  name: "web",
  sources: [...SHARED, "web"],
  output: "dist/web",
  async run(project) {
    await runCommand(tool(project, "vite"), ["build", "--config", "web/vite.config.ts", "--logLevel", "warn"], {
      cwd: project,
    });
  },
};

export const agentBuild: Build = {
  name: "agent",
  sources: [...SHARED, "runner-host/agent"],
  output: "dist/agent",
  async run(_, output) {
    // Loaded here, not above: a start that need not bundle need not load the bundler.
    const { bundleAgent } = await import("../../runner-host/agent/bundle.ts");
    await bundleAgent(output);
  },
};

export function tool(project: string, name: string): string {
  return join(project, "node_modules/.bin", name);
}
