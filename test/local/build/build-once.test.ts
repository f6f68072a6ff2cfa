// A build runs when what goes into it changed, and only then.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Build, buildOnce } from "../../../local/build/build-once.ts";

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "berth-build-"));
  await mkdir(join(project, "source/inner"), { recursive: true });
  await writeFile(join(project, "source/inner/a.ts"), "one");
});

afterEach(() => rm(project, { recursive: true }));

const build = (run: Build["run"] = async () => undefined): Build => ({
  name: "it",
  sources: ["source", "absent.json"],
  output: "dist/it",
  run,
});

it("runs at first and then no more", async () => {
  expect(await buildOnce(project, build())).toBe(true);
  expect(await buildOnce(project, build())).toBe(false);
});

it.each([
  ["a file changed", "source/inner/a.ts"],
  ["a file was added", "source/b.ts"],
  ["a file that was absent appeared", "absent.json"],
])("runs again when %s", async (_, path) => {
  await buildOnce(project, build());
  await writeFile(join(project, path), "two");
  expect(await buildOnce(project, build())).toBe(true);
});

it("runs again after it failed, also when it had succeeded before", async () => {
  await buildOnce(project, build());
  await writeFile(join(project, "source/b.ts"), "two");
  const failing = build(async () => {
    throw new Error("no");
  });
  await expect(buildOnce(project, failing)).rejects.toThrow("no");
  await rm(join(project, "source/b.ts"));
  expect(await buildOnce(project, build())).toBe(true);
});
