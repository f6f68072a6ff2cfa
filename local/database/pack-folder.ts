// Reads folders of a content pack from disk: regular files only, nothing through a link, nothing over a limit.

import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { workspacePathSchema } from "#wire/challenge.ts";
import type { PackLimits } from "./limits.ts";
import { PackError } from "./pack-error.ts";

/** One file of a folder; `path` is relative to it. Of its mode only the owner's execute bit counts. */
export interface FolderFile {
  readonly path: string;
  readonly isExecutable: boolean;
  readonly bytes: Uint8Array;
}

/** The directories right inside `directory`, by name. Refuses links; other files are left alone. */
export async function listFolders(directory: string, name: string): Promise<string[]> {
  await requireFolder(directory, name);
  const folders: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) throw new PackError(`${name}/${entry.name}`, null, "is a link; packs hold files only");
    if (entry.isDirectory()) folders.push(entry.name);
  }
  return folders.sort();
}

/** Every file below `directory`, sorted by path; `name` is what messages call the directory. */
export async function readFolder(directory: string, name: string, limits: PackLimits): Promise<FolderFile[]> {
  await requireFolder(directory, name);
  const files: FolderFile[] = [];
  let bytes = 0;
  const visit = async (inner: string, depth: number): Promise<void> => {
    if (depth > limits.folderDepth) throw new PackError(`${name}/${inner}`, null, "lies too deep");
    for (const entry of await readdir(join(directory, inner), { withFileTypes: true })) {
      const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
      const shown = `${name}/${path}`;
      const parsed = workspacePathSchema.safeParse(path);
      if (!parsed.success || path.includes("\uFFFD"))
        throw new PackError(shown, null, "has a name that cannot be used");
      if (entry.isDirectory()) {
        await visit(path, depth + 1);
        continue;
      }
      if (!entry.isFile()) throw new PackError(shown, null, "is a link or a special file; packs hold files only");
      const file = await readFile(join(directory, path), shown, limits.folderBytes - bytes);
      bytes += file.bytes.byteLength;
      files.push({ path, ...file });
      if (files.length > limits.folderFiles)
        throw new PackError(name, null, `holds more than ${limits.folderFiles} files`);
    }
  };
  await visit("", 1);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One regular file, at most `limitBytes` long. */
export async function readFile(path: string, name: string, limitBytes: number): Promise<Omit<FolderFile, "path">> {
  // O_NOFOLLOW: what was a file when listed may be a link when opened.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw new PackError(name, null, describeOpenError(error));
  });
  try {
    const { size, mode } = await file.stat();
    if (size > limitBytes)
      throw new PackError(name, null, `is too large: ${size} bytes, of which ${limitBytes} are allowed here`);
    const bytes = await file.readFile();
    if (bytes.byteLength !== size) throw new PackError(name, null, "changed while it was read");
    return { isExecutable: (mode & 0o100) !== 0, bytes };
  } finally {
    await file.close();
  }
}

async function requireFolder(directory: string, name: string): Promise<void> {
  const found = await lstat(directory).catch(() => null);
  if (!found?.isDirectory()) throw new PackError(name, null, found ? "is not a directory" : "does not exist");
}

function describeOpenError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT") return "is missing";
  return code === "ELOOP" ? "is a link; packs hold files only" : `cannot be read (${String(code)})`;
}
