// The server as the process that `npm start` runs: ready line, clean end, and what a kill leaves behind.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient } from "@libsql/client/web";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { makeDirectory, TOKEN } from "./test-server.ts";

const MAIN = fileURLToPath(new URL("../../../local/libsql-server/main.ts", import.meta.url));
const readySchema = z.strictObject({ listening: z.url() });

function run(args: readonly string[], token = TOKEN): { child: ChildProcess; stderr: () => string } {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, BERTH_LIBSQL_TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return { child, stderr: () => stderr };
}

async function start(file: string) {
  const { child, stderr } = run(["--file", file, "--port", "0"]);
  if (!child.stdout) throw new Error("no stdout");
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(() => Promise.reject(new Error(`The server ended: ${stderr()}`))),
  ]);
  const url = readySchema.parse(JSON.parse(String(line))).listening;
  const client = createClient({ url, authToken: TOKEN });
  onTestFinished(() => client.close());
  const stop = async (signal: NodeJS.Signals): Promise<unknown[]> => {
    const ended = once(child, "exit");
    child.kill(signal);
    return await ended;
  };
  return { url, client, stop };
}

describe("local/libsql-server/main.ts", () => {
  it("ends cleanly on SIGTERM, with an open transaction rolled back and everything in the one file, without its log", async () => {
    const file = join(await makeDirectory(), "deep", "berth.db");
    const { client, stop } = await start(file);
    await client.batch(["create table t (a)", "insert into t values (1)"], "write");
    const transaction = await client.transaction("write");
    await transaction.execute("insert into t values (2)");
    expect(await stop("SIGTERM")).toEqual([0, null]);
    const copy = join(await makeDirectory(), "copy.db");
    await copyFile(file, copy);
    const again = await start(copy);
    expect((await again.client.execute("select a from t")).rows).toMatchObject([{ a: 1 }]);
  });

  it("keeps every acknowledged write and nothing of an open transaction when it is killed", async () => {
    const file = join(await makeDirectory(), "berth.db");
    const first = await start(file);
    await first.client.execute("create table t (a integer primary key)");
    const transaction = await first.client.transaction("write");
    await transaction.execute("insert into t values (-1)");
    await transaction.commit();
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        await first.client.execute({ sql: "insert into t values (?)", args: [acknowledged] });
        acknowledged += 1;
        if (acknowledged === 100) void first.stop("SIGKILL");
      }
    })();
    await expect(writing).rejects.toThrow();
    const second = await start(file);
    const { rows } = await second.client.execute("select count(*) as n, max(a) as last from t where a >= 0");
    // The last one may be stored without its answer having come through.
    expect([acknowledged, acknowledged + 1]).toContain(rows[0]?.n);
    expect(Number(rows[0]?.last)).toBe(Number(rows[0]?.n) - 1);
    expect((await second.client.execute("pragma integrity_check")).rows).toMatchObject([{ integrity_check: "ok" }]);
    const open = await second.client.transaction("write");
    await open.execute("insert into t values (1000000)");
    await second.stop("SIGKILL");
    const third = await start(file);
    expect((await third.client.execute("select count(*) as n from t where a = 1000000")).rows).toMatchObject([
      { n: 0 },
    ]);
    await third.client.execute("insert into t values (1000001)");
  });

  it("names the port that is taken and ends with 1", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const { child, stderr } = run(["--file", join(await makeDirectory(), "berth.db"), "--port", String(port)]);
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr()).toMatch(new RegExp(`address already in use 127.0.0.1:${port}.*another --port`));
  });

  it("says that a file is not a database", async () => {
    const { child, stderr } = run(["--file", MAIN, "--port", "0"]);
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr()).toContain("file is not a database");
  });

  it.each([
    ["without a file", ["--port", "0"], TOKEN],
    ["with a port that is none", ["--file", "x.db", "--port", "http"], TOKEN],
    ["without a token", ["--file", "x.db", "--port", "0"], ""],
  ])("shows how it is used when started %s", async (_, args, token) => {
    const { child, stderr } = run(args, token);
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr()).toContain("usage:");
  });
});
