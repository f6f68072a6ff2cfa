// Which built things of an image folder are swept, and that a build marks what it uses.

import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ImageFolder } from "../../../runner-host/image/image-folder.ts";
import { findUnusedImages, UNUSED_MS } from "../../../runner-host/image/unused-images.ts";

const NOW_MS = 1_800_000_000_000;
const HASH = "0123456789abcdef";
const unused = { usedAtMs: NOW_MS - UNUSED_MS - 1, isMounted: false };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "berth-images-"));
});
afterEach(() => rm(directory, { recursive: true }));

it.each([
  ["what no build asked for in a long time", { name: `session-${HASH}`, ...unused }, true],
  ["a disk of that kind", { name: `disk-${HASH}.ext4`, ...unused }, true],
  ["what was used lately", { name: `session-${HASH}`, ...unused, usedAtMs: NOW_MS - UNUSED_MS }, false],
  ["what is mounted", { name: `labs-${HASH}`, ...unused, isMounted: true }, false],
  ["what no build has made", { name: "notes", ...unused }, false],
  ["a build that is under way", { name: ".building-7-8", ...unused }, false],
])("%s", (_, image, isUnused) => {
  expect(findUnusedImages([image], NOW_MS)).toEqual(isUnused ? [image.name] : []);
});

it("a folder keeps what it was asked for and sweeps the rest", async () => {
  const images = new ImageFolder(directory);
  const [used, left] = [join(directory, `labs-${HASH}`), join(directory, `disk-${HASH}.ext4`)];
  await mkdir(used);
  writeFileSync(left, "");
  for (const path of [used, left]) utimesSync(path, 0, 0);
  await images.ensure(`labs-${HASH}`, () => Promise.reject(new Error("it is there")));
  await images.sweep();
  expect([existsSync(used), existsSync(left)]).toEqual([true, false]);
});
