// Owns the user-namespace range of Berth's engine: a system user of its own with 65,536 subordinate ids that no other user has.

import { readFile } from "node:fs/promises";
import { runCommand } from "./command.ts";

export const ENGINE_USER = "berth-engine";
/** One container sees this many ids; a range of exactly this size is what Docker maps. */
export const RANGE_IDS = 65_536;
/** Above the ranges that useradd hands out by default, so that later human users still get theirs. */
const FIRST_BASE_ID = 16 * RANGE_IDS;

export interface SubordinateRange {
  user: string;
  /** Host uid and gid of root inside a container. */
  baseId: number;
}

interface IdRange {
  user: string;
  first: number;
  count: number;
}

/** Parses /etc/subuid or /etc/subgid; lines that are not `name:first:count` are skipped as the system skips them. */
export function parseIdRanges(text: string): IdRange[] {
  return text.split("\n").flatMap((line) => {
    const match = /^([^:#\s]+):(\d+):(\d+)\s*$/.exec(line);
    return match ? [{ user: match[1] ?? "", first: Number(match[2]), count: Number(match[3]) }] : [];
  });
}

/** The base that both files give the engine's user, or null when it has to be added. */
export function findBaseId(user: string, uids: IdRange[], gids: IdRange[]): number | null {
  const uid = uids.find((range) => range.user === user);
  const gid = gids.find((range) => range.user === user);
  if (uid === undefined || gid === undefined) return null;
  return uid.first === gid.first && uid.count >= RANGE_IDS && gid.count >= RANGE_IDS ? uid.first : null;
}

/** The lowest range free in both files. */
export function pickBaseId(taken: IdRange[]): number {
  let base = FIRST_BASE_ID;
  while (taken.some((range) => range.first < base + RANGE_IDS && base < range.first + range.count)) base += RANGE_IDS;
  return base;
}

async function readRanges(path: string): Promise<IdRange[]> {
  try {
    return parseIdRanges(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function readBaseId(): Promise<number | null> {
  return findBaseId(ENGINE_USER, await readRanges("/etc/subuid"), await readRanges("/etc/subgid"));
}

/** Creates the user and its range on the first call; afterwards only reads them. The user stays, as an installed package's would: files on disk belong to its range. */
export async function ensureSubordinateRange(): Promise<SubordinateRange> {
  const existing = await readBaseId();
  if (existing !== null) return { user: ENGINE_USER, baseId: existing };
  const passwd = await readFile("/etc/passwd", "utf8");
  if (!passwd.split("\n").some((line) => line.startsWith(`${ENGINE_USER}:`))) {
    await runCommand("useradd", [
      "--system",
      "--user-group",
      "--no-create-home",
      "--home-dir",
      "/nonexistent",
      "--shell",
      "/usr/sbin/nologin",
      ENGINE_USER,
    ]);
  }
  const base = pickBaseId([...(await readRanges("/etc/subuid")), ...(await readRanges("/etc/subgid"))]);
  const ids = `${base}-${base + RANGE_IDS - 1}`;
  await runCommand("usermod", ["--add-subuids", ids, "--add-subgids", ids, ENGINE_USER]);
  const added = await readBaseId();
  if (added === null) {
    throw new Error(
      `/etc/subuid and /etc/subgid give ${ENGINE_USER} no common range of ${RANGE_IDS} ids; remove its lines there and start again.`,
    );
  }
  return { user: ENGINE_USER, baseId: added };
}
