// Owns how a starter bundle gets into the workspace: each file whole or not at all, with its exact mode, never through a symbolic link.

import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { StarterBundle } from "#wire/challenge.ts";

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const CREATE_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** A name in an open directory: the kernel resolves it from the directory itself, so nobody can swap a parent underneath. */
function within(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

async function openChild(parent: FileHandle, name: string): Promise<FileHandle> {
  try {
    await mkdir(within(parent, name), { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return open(within(parent, name), OPEN_DIRECTORY);
}

async function openFolder(workspace: string, folders: string[]): Promise<FileHandle> {
  let directory = await open(workspace, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const folder of folders) {
    const parent = directory;
    try {
      directory = await openChild(parent, folder);
    } finally {
      await parent.close();
    }
  }
  return directory;
}

async function placeFile(directory: FileHandle, name: string, mode: number, content: Buffer): Promise<void> {
  const temporary = within(directory, `.berth-lay-${crypto.randomUUID()}`);
  const file = await open(temporary, CREATE_FILE, 0o600);
  try {
    try {
      await file.writeFile(content);
      await file.chmod(mode);
    } finally {
      await file.close();
    }
    await rename(temporary, within(directory, name));
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

function explain(path: string, error: unknown): string {
  switch (codeOf(error)) {
    case "ENOTDIR":
    case "ELOOP":
      return `${path} cannot be written: a part of its path is a symbolic link or not a folder.`;
    case "EISDIR":
    case "ENOTEMPTY":
    case "EEXIST":
      return `${path} cannot be written: there is a folder of that name.`;
    case "ENOSPC":
    case "EDQUOT":
      return `${path} cannot be written: the disk is full.`;
    default:
      return `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Lays every file of the bundle below `workspace`, replacing files of the same path; throws an Error with one sentence at the first that cannot be. */
export async function layStarter(workspace: string, bundle: StarterBundle): Promise<void> {
  for (const { path, mode, contentBase64 } of bundle) {
    const parts = path.split("/");
    const name = parts.pop();
    if (name === undefined || [...parts, name].some((part) => part === "" || part === "." || part === "..")) {
      throw new Error(`${join("/", path)} is not a path in the workspace.`);
    }
    try {
      const directory = await openFolder(workspace, parts);
      try {
        await placeFile(directory, name, mode, Buffer.from(contentBase64, "base64"));
      } finally {
        await directory.close();
      }
    } catch (error) {
      throw new Error(explain(path, error), { cause: error });
    }
  }
}
