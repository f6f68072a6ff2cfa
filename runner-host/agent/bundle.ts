// Builds the agent as a folder that needs nothing but Node: one script, its kind, and the native module beside it.

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nativePtyPath } from "./pty.ts";

/** Writes `agent.js` and `pty.node` into the folder and returns their paths, for hashing and copying. */
export async function bundleAgent(outDirectory: string): Promise<{ script: string; nativeModule: string }> {
  await mkdir(outDirectory, { recursive: true });
  const script = join(outDirectory, "agent.js");
  await build({
    entryPoints: [fileURLToPath(new URL("main.ts", import.meta.url))],
    outfile: script,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
    define: { "import.meta.url": "scriptUrl" },
    banner: { js: 'const scriptUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  // Whatever lies in a folder above, Node reads the script as what it is.
  await writeFile(join(outDirectory, "package.json"), '{"type":"commonjs"}\n');
  const nativeModule = join(outDirectory, "pty.node");
  await copyFile(nativePtyPath(), nativeModule);
  return { script, nativeModule };
}
