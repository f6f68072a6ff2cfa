// Names what was built by what went in: a hash over recipes, the files they copy and other inputs.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Enough of a sha256 to name a folder. */
const NAME_CHARS = 16;

/** Hash of any JSON value; object keys count in the order in which they are written. */
export function hashInputs(inputs: unknown): string {
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, NAME_CHARS);
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Path, executable bit and content of every file below `folder`, in a fixed order. */
export async function listFolderContent(folder: string): Promise<[path: string, kind: string, content: string][]> {
  const found: [string, string, string][] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isSymbolicLink()) found.push([name, "link", await readlink(path)]);
    else if (entry.isFile()) {
      const isExecutable = ((await stat(path)).mode & 0o100) !== 0;
      found.push([name, isExecutable ? "executable" : "file", await readFile(path, "utf8")]);
    }
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}
