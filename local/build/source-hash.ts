// Names what a build was made of: a hash over the files that go into it.

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** @param sources files or folders below `project`, given in a fixed order; what does not exist counts as such. */
export async function hashSources(project: string, sources: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const path of await listFiles(project, source)) {
      const bytes = await readFile(join(project, path));
      hash.update(`${path}\0${bytes.byteLength}\0`).update(bytes);
    }
  }
  return hash.digest("hex");
}

async function listFiles(project: string, source: string): Promise<string[]> {
  const found = await stat(join(project, source)).catch(() => null);
  if (found === null) return [];
  if (found.isFile()) return [source];
  const entries = await readdir(join(project, source), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(project.length).replace(/^\//, "")).sort();
}
