// While packages are installed no service may start, and afterwards everything is as it was.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { forbidStarts } from "../../../local/debian/autostart-guard.ts";

let folder: string;
let policy: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-policy-"));
  policy = join(folder, "policy-rc.d");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("forbids every start meanwhile and leaves no trace where there was no policy", async () => {
  await forbidStarts(policy, async () => {
    expect(readFileSync(policy, "utf8")).toContain("exit 101");
    expect(statSync(policy).mode & 0o111).toBe(0o111);
  });
  expect(readdirSync(folder)).toEqual([]);
});

it("puts the machine's own policy back, also when the installation failed", async () => {
  writeFileSync(policy, "own", { mode: 0o700 });
  const failing = forbidStarts(policy, async () => {
    throw new Error("no mirror");
  });
  await expect(failing).rejects.toThrow("no mirror");
  expect(readFileSync(policy, "utf8")).toBe("own");
  expect(statSync(policy).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual(["policy-rc.d"]);
});

it("clears what a crash in the middle of an installation left", async () => {
  let guard = "";
  await forbidStarts(policy, async () => {
    guard = readFileSync(policy, "utf8");
  });
  writeFileSync(policy, guard);
  writeFileSync(`${policy}.before-berth`, "own");
  await forbidStarts(policy, async () => undefined);
  expect(readFileSync(policy, "utf8")).toBe("own");
  expect(existsSync(`${policy}.before-berth`)).toBe(false);
});
