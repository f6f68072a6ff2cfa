// A starter is written into the workspace and nowhere else.

import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StarterBundle } from "#wire/challenge.ts";
import { layStarter } from "../../../runner-host/agent/lay-starter.ts";

let root: string;
let workspace: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "berth-lay-"));
  workspace = join(root, "workspace");
  await mkdir(workspace);
  await mkdir(join(root, "outside"));
});
afterEach(() => rm(root, { recursive: true }));

function file(path: string, content: string, mode: 0o644 | 0o755 = 0o644): StarterBundle[number] {
  return { path, mode, contentBase64: Buffer.from(content).toString("base64") };
}

test("lays files in folders with their exact modes, whatever the umask", async () => {
  const before = process.umask(0o077);
  try {
    await layStarter(workspace, [file("a/b/run.sh", "run", 0o755), file("Dockerfile", "FROM x")]);
  } finally {
    process.umask(before);
  }
  expect((await stat(join(workspace, "a/b/run.sh"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(workspace, "Dockerfile"))).mode & 0o777).toBe(0o644);
  expect(await readFile(join(workspace, "a/b/run.sh"), "utf8")).toBe("run");
});

test("lays the same bundle again over what is there, and leaves other files alone", async () => {
  await writeFile(join(workspace, "mine.txt"), "mine");
  await layStarter(workspace, [file("x", "1", 0o755)]);
  await writeFile(join(workspace, "x"), "changed");
  await layStarter(workspace, [file("x", "2")]);
  expect(await readFile(join(workspace, "x"), "utf8")).toBe("2");
  expect((await stat(join(workspace, "x"))).mode & 0o777).toBe(0o644);
  expect(await readdir(workspace)).toEqual(["mine.txt", "x"]);
});

test.for(["../outside/x", "/etc/x", "a/../../outside/x", "a//x", "./x", "..", ""])(
  "refuses the path %j",
  async (path) => {
    await expect(layStarter(workspace, [file(path, "x")])).rejects.toThrow("is not a path in the workspace");
    expect(await readdir(join(root, "outside"))).toEqual([]);
  },
);

test("does not follow a symbolic link to a folder outside", async () => {
  await symlink(join(root, "outside"), join(workspace, "link"));
  await expect(layStarter(workspace, [file("link/x", "x")])).rejects.toThrow(
    "link/x cannot be written: a part of its path is a symbolic link",
  );
  expect(await readdir(join(root, "outside"))).toEqual([]);
});

test("replaces a symbolic link where a file belongs, and not what it points to", async () => {
  await writeFile(join(root, "outside/target"), "safe");
  await symlink(join(root, "outside/target"), join(workspace, "x"));
  await layStarter(workspace, [file("x", "new")]);
  expect(await readFile(join(root, "outside/target"), "utf8")).toBe("safe");
  expect(await readFile(join(workspace, "x"), "utf8")).toBe("new");
  await expect(readlink(join(workspace, "x"))).rejects.toThrow("EINVAL");
});

test("says what is in the way, and leaves nothing half done", async () => {
  await mkdir(join(workspace, "x"));
  await expect(layStarter(workspace, [file("x", "new")])).rejects.toThrow(
    "x cannot be written: there is a folder of that name",
  );
  await writeFile(join(workspace, "f"), "");
  await expect(layStarter(workspace, [file("f/y", "new")])).rejects.toThrow(
    "f/y cannot be written: a part of its path is a symbolic link or not a folder",
  );
  expect(await readdir(workspace)).toEqual(["f", "x"]);
});
