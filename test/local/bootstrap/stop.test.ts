// Ctrl-C while npm packages are being installed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { waitUntil } from "../../support/wait-until.ts";

const LOCAL = fileURLToPath(new URL("../../../local", import.meta.url));
/** Deaf to everything but force, as npm is in the middle of a download. */
const DEAF_NPM = "#!/bin/sh\ntrap '' INT TERM\nexec sleep 60\n";

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "berth-bootstrap-"));
});
afterEach(() => rm(project, { recursive: true }));

it("ends the installation soon and says how to go on", async () => {
  await mkdir(join(project, "local"));
  await cp(join(LOCAL, "bootstrap.mjs"), join(project, "local/bootstrap.mjs"));
  await cp(join(LOCAL, "bootstrap"), join(project, "local/bootstrap"), { recursive: true });
  await writeFile(join(project, "package-lock.json"), '{"packages":{"node_modules/a":{"version":"1.0.0"}}}');
  await mkdir(join(project, "bin"));
  await writeFile(join(project, "bin/npm"), DEAF_NPM, { mode: 0o755 });

  const env = { ...process.env, PATH: `${join(project, "bin")}:${process.env["PATH"]}` };
  const child = spawn(process.execPath, [join(project, "local/bootstrap.mjs")], { env });
  const ended = once(child, "close");
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  await waitUntil(() => said.includes("Installing npm packages"), 5_000);
  child.kill("SIGINT");
  expect(await ended).toEqual([1, null]);
  expect(said.split("\n").slice(1)).toEqual(["Stopped; start again to go on.", ""]);
});
