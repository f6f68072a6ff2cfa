// Runs a build only when what goes into it changed since the last one.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashSources } from "./source-hash.ts";

export interface Build {
  readonly name: string;
  /** Files and folders that decide what comes out, relative to the project. */
  readonly sources: readonly string[];
  /** The folder that comes out, relative to the project; beside it lies `<output>.hash`. */
  readonly output: string;
  readonly run: (project: string, output: string) => Promise<void>;
}

/** Resolves with whether it had to build. */
export async function buildOnce(project: string, { sources, output, run }: Build): Promise<boolean> {
  const folder = join(project, output);
  const hashFile = `${folder}.hash`;
  const hash = await hashSources(project, sources);
  if ((await readFile(hashFile, "utf8").catch(() => "")) === hash) return false;
  await rm(hashFile, { force: true });
  await mkdir(dirname(folder), { recursive: true });
  await run(project, folder);
  await writeFile(hashFile, hash);
  return true;
}
