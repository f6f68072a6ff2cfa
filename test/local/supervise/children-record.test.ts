// The record of the supervisor's children, as others read it.

import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ChildrenFile, readChildren } from "../../../local/supervise/children-record.ts";

test("who reads the record while it is written again reads a whole one", async () => {
  const directory = await mkdtemp(join(tmpdir(), "berth-children-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "children.json");
  const file = new ChildrenFile(path);
  file.set("edge", process.pid);
  const reader = await open(path);
  onTestFinished(() => reader.close());
  file.set("edge", null);
  expect(JSON.parse(await reader.readFile("utf8"))).toHaveProperty("edge.pid", process.pid);
  expect(await readChildren(path)).toEqual({});
});
