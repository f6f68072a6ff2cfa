// A log file keeps to its bound.

import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LogFile } from "../../../local/supervise/log-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-log-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("keeps the newest lines and one older file, and never more than twice its bound", async () => {
  const path = join(folder, "it.log");
  const log = new LogFile(path, 100);
  for (let i = 0; i < 50; i++) log.write(`line ${i}\n`);
  expect(await readFile(path, "utf8")).toContain("line 49\n");
  expect((await stat(path)).size).toBeLessThanOrEqual(100);
  expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(100);
  expect(log.lastLine()).toBe("line 49");
});

it("counts what an earlier run wrote", async () => {
  const path = join(folder, "it.log");
  new LogFile(path, 100).write("x".repeat(90));
  new LogFile(path, 100).write("y".repeat(90));
  expect(await readFile(path, "utf8")).toBe("y".repeat(90));
});

it("loses lines while it cannot be written, says so afterwards, and never throws", async () => {
  const below = join(folder, "below");
  const log = new LogFile(join(below, "it.log"));
  log.write("lost\n");
  log.write("lost too\n");
  await mkdir(below);
  log.write("kept\n");
  expect(await readFile(log.path, "utf8")).toBe("[2 writes before this one were lost]\nkept\n");
});

it("has no last line before anything was written, whatever an earlier run wrote", () => {
  expect(new LogFile(join(folder, "none.log")).lastLine()).toBeNull();
  new LogFile(join(folder, "it.log")).write("an earlier failure\n");
  expect(new LogFile(join(folder, "it.log")).lastLine()).toBeNull();
});
