// Plain workerd takes the configuration that Berth writes for it, and the worker in it has what it needs.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { requireFreePort } from "../../../local/data-dir/ports.ts";
import { listenAddress, renderWorkerdConfig } from "../../../local/edge/workerd-config.ts";
import { SupervisedChild } from "../../../local/supervise/child.ts";
import { LogFile } from "../../../local/supervise/log-file.ts";

const WORKER = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  count() {
    this.ctx.storage.sql.exec("create table if not exists t (n integer)");
    this.ctx.storage.sql.exec("insert into t values (1)");
    return this.ctx.storage.sql.exec("select count(*) as n from t").one().n;
  }
}
export default {
  async fetch(request, env) {
    const asset = await env.ASSETS.fetch("http://assets/index.html");
    return Response.json({
      page: await asset.text(),
      count: await env.COUNTER.getByName("one").count(),
      text: env.TEXT,
      secret: env.SECRET,
    });
  },
};`;

const answerSchema = z.strictObject({ page: z.string(), count: z.int(), text: z.string(), secret: z.string() });

let folder: string;
let edge: SupervisedChild | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-edge-"));
});

afterEach(async () => {
  await edge?.stop();
  edge = null;
  await rm(folder, { recursive: true });
});

async function startEdge(port: number): Promise<void> {
  const config = join(folder, "workerd.capnp");
  const text = renderWorkerdConfig({
    address: listenAddress("127.0.0.1", port),
    moduleFile: "worker.js",
    compatibilityDate: "2026-10-01",
    compatibilityFlags: [],
    texts: { TEXT: 'quotes " and \\ and ü' },
    environmentNames: ["SECRET"],
    durableObjects: [{ binding: "COUNTER", className: "Counter" }],
    objects: join(folder, "objects"),
    assets: { binding: "ASSETS", folder: join(folder, "web") },
  });
  await writeFile(config, text);
  edge = new SupervisedChild({
    name: "edge",
    command: ["node_modules/.bin/workerd", "serve", config],
    environment: { PATH: process.env["PATH"] ?? "", SECRET: "from outside" },
    health: { url: `http://127.0.0.1:${port}/`, accepts: (status) => status === 200 },
    log: new LogFile(join(folder, "edge.log")),
    stopMs: 2_000,
    onPid: () => undefined,
    tell: () => undefined,
  });
  await edge.start();
}

async function ask(port: number) {
  return answerSchema.parse(await (await fetch(`http://127.0.0.1:${port}/`)).json());
}

it("serves the worker with its page, its objects, its texts and its secrets, and keeps the objects over a restart", async () => {
  await mkdir(join(folder, "web"));
  await mkdir(join(folder, "objects"));
  await writeFile(join(folder, "worker.js"), WORKER);
  await writeFile(join(folder, "web/index.html"), "the page");
  const port = await requireFreePort("127.0.0.1", 0);

  await startEdge(port);
  const first = await ask(port);
  expect(first).toMatchObject({ page: "the page", text: 'quotes " and \\ and ü', secret: "from outside" });
  await edge?.stop();

  await startEdge(port);
  const second = await ask(port);
  expect(second.count).toBeGreaterThan(first.count + 1);
});

it("writes IPv6 addresses in brackets", () => {
  expect(listenAddress("::1", 80)).toBe("[::1]:80");
});
