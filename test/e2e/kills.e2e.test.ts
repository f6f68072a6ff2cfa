// kill -9 of each process while a terminal is open: the same shell is there afterwards.

import { afterAll, beforeAll, expect, it } from "vitest";
import { findTarget } from "../support/kill-targets.ts";
import { NumberedRun } from "../support/numbered-run.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import type { TestTerminal } from "../support/test-terminal.ts";
import { TestUser } from "../support/test-user.ts";
import { countContainers } from "../support/traces.ts";
import { waitUntil } from "../support/wait-until.ts";

const BACK_MS = 30_000;

let stack: Stack;
let session: string;
let client: TestClient;
let terminal: TestTerminal;

beforeAll(async () => {
  stack = await Stack.start({ name: "e2e" });
  const user = await TestUser.signIn(stack.address, "killed");
  session = (await user.openSession("first-image")).session.id;
  client = new TestClient(user, session, { pingEveryMs: 500, silenceMs: 2_000 });
  terminal = await client.open(0, 30_000);
  client.type(terminal, "secret=kept-$$; echo shell:$$:\n");
});

afterAll(async () => {
  client.leave();
  expect(await stack.stop()).toEqual([]);
});

it.each(["edge", "runner-host", "database"])(
  "the same shell goes on after the %s was killed in mid-output",
  async (name) => {
    const before = (await stack.children())[name]?.pid;
    const run = await NumberedRun.start(client, terminal, 2_000, 20);
    for (let typed = 0; typed < 5; typed++) run.type();
    await stack.kill(name);
    for (let typed = 0; typed < 5; typed++) run.type();
    await run.finish(BACK_MS);
    await waitUntil(async () => {
      const now = (await stack.children())[name]?.pid;
      return now !== undefined && now !== before;
    }, BACK_MS);

    client.type(terminal, `echo after-${name}:$$:$secret:\n`);
    const [, pid, secret] = await client.waitForOutput(terminal, new RegExp(`after-${name}:(\\d+):(\\S*):`), BACK_MS);
    expect(secret).toBe(`kept-${pid}`);
    expect(terminal.instances).toHaveLength(1);
  },
);

it.each(["dockerd", "containerd"] as const)(
  "the same shell goes on while the engine's %s is killed in mid-output, and the daemon is the same",
  async (name) => {
    const daemon = (await stack.children())["runner-host"]?.pid;
    const before = await findTarget(stack, session, name);
    const run = await NumberedRun.start(client, terminal, 2_000, 20);
    for (let typed = 0; typed < 5; typed++) run.type();
    if (before !== null) process.kill(before, "SIGKILL");
    for (let typed = 0; typed < 5; typed++) run.type();
    await run.finish(BACK_MS);
    await waitUntil(async () => {
      const now = await findTarget(stack, session, name);
      return now !== null && now !== before && (await countContainers(stack.dataDir, session)) === 1;
    }, BACK_MS);
    expect((await stack.children())["runner-host"]?.pid).toBe(daemon);
    expect(terminal.instances).toHaveLength(1);
  },
);

it("all routes answer afterwards", async () => {
  const user = await TestUser.signIn(stack.address, "killed");
  await waitUntil(async () => (await user.request("GET", "/api/challenges")).status === 200, BACK_MS);
  const answer = await user.request("GET", "/api/challenges");
  expect(await answer.json()).toMatchObject({ stale: false, challenges: [{ slug: "first-image" }] });
});
