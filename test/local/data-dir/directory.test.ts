// A data directory serves one Berth at a time and keeps its secrets and ports.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDirectory } from "../../../local/data-dir/lock.ts";
import { openDataDir } from "../../../local/data-dir/open.ts";
import { loadPorts, requireFreePort } from "../../../local/data-dir/ports.ts";
import { loadSecrets } from "../../../local/data-dir/secrets.ts";
import { ChildrenFile, endLeftovers, readChildren } from "../../../local/supervise/children-record.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-data-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("is held by one at a time", async () => {
  const first = await lockDirectory(folder);
  expect(await lockDirectory(folder)).toBeNull();
  await first?.release();
  const again = await lockDirectory(folder);
  expect(again).not.toBeNull();
  await again?.release();
});

it("refuses a second start on the same directory and says what runs there", async () => {
  const { lock } = await openDataDir(folder);
  new ChildrenFile(join(folder, "children.json")).set("edge", process.pid);
  await expect(openDataDir(folder)).rejects.toThrow(`Berth runs on ${folder} already (edge ${process.pid})`);
  await lock.release();
});

it("refuses a directory that cannot be made", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(openDataDir(join(folder, "file/below"))).rejects.toThrow("Choose another with --data-dir");
});

describe("secrets", () => {
  it("are made once and readable by their owner only", async () => {
    const path = join(folder, "secrets.json");
    const made = await loadSecrets(path);
    expect(await loadSecrets(path)).toEqual(made);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(made.signingKey, "base64")).toHaveLength(32);
  });

  it("of an earlier Berth are kept, and the one that it lacked is made once", async () => {
    const path = join(folder, "secrets.json");
    const { metricsToken: _lacked, ...earlier } = await loadSecrets(path);
    await writeFile(path, JSON.stringify(earlier));
    const whole = await loadSecrets(path);
    expect(whole).toMatchObject(earlier);
    expect(whole.metricsToken.length).toBeGreaterThanOrEqual(32);
    expect(await loadSecrets(path)).toEqual(whole);
  });
});

describe("ports", () => {
  it("are kept", async () => {
    const path = join(folder, "ports.json");
    expect(await loadPorts(path)).toEqual(await loadPorts(path));
  });

  it("are chosen anew when somebody else took one", async () => {
    const path = join(folder, "ports.json");
    const { libsql } = await loadPorts(path);
    const other = createServer().listen(libsql, "127.0.0.1");
    await once(other, "listening");
    expect((await loadPorts(path)).libsql).not.toBe(libsql);
    await expect(requireFreePort("127.0.0.1", libsql)).rejects.toThrow(`Port ${libsql} on 127.0.0.1 is taken`);
    other.close();
  });

  it("refuse an address that is not of this machine", async () => {
    await expect(requireFreePort("203.0.113.7", 8080)).rejects.toThrow("203.0.113.7 is not an address of this machine");
  });
});

describe("what a crash left", () => {
  it("is ended, and a process that merely has its pid is not", async () => {
    const path = join(folder, "children.json");
    const left = spawn("sleep", ["60"], { stdio: "ignore" });
    const other = spawn("sleep", ["60"], { stdio: "ignore" });
    new ChildrenFile(path).set("edge", left.pid ?? 0);
    const record = await readChildren(path);
    const reused = { pid: other.pid, startTicks: 1, bootId: record["edge"]?.bootId };
    await writeFile(path, JSON.stringify({ ...record, database: reused }));
    const leftEnds = once(left, "exit");
    expect(await endLeftovers(path)).toEqual(["edge"]);
    await leftEnds;
    expect(other.exitCode).toBeNull();
    other.kill("SIGKILL");
  });

  it("is nothing where there is no record", async () => {
    expect(await endLeftovers(join(folder, "children.json"))).toEqual([]);
  });
});
