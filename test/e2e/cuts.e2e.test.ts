// Each leg between browser and shell is cut in the middle of output, in every way that networks do: all of it arrives once, in order.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { requireFreePort } from "../../local/data-dir/ports.ts";
import { AgentLeg } from "../support/agent-leg.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { NumberedRun } from "../support/numbered-run.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import type { TestTerminal } from "../support/test-terminal.ts";
import { TestUser } from "../support/test-user.ts";
import { waitUntil } from "../support/wait-until.ts";

const STALL_MS = 20_000;
const FINISH_MS = 60_000;
const NUMBERS = 3_000;
const INPUTS = 40;

let stack: Stack;
let user: TestUser;
let client: TestClient;
let terminal: TestTerminal;
let browserLeg: CutProxy;
let runnerLegs: CutProxy;
let agentLeg: AgentLeg;

beforeAll(async () => {
  const edgePort = await requireFreePort("127.0.0.1", 0);
  runnerLegs = await CutProxy.start({ port: 0, host: "127.0.0.1" }, { port: edgePort, host: "127.0.0.1" });
  browserLeg = await CutProxy.start({ port: 0, host: "127.0.0.1" }, { port: edgePort, host: "127.0.0.1" });
  stack = await Stack.start({
    name: "e2e",
    flags: ["--port", String(edgePort)],
    environment: { BERTH_RUNNER_EDGE_URL: `http://127.0.0.1:${runnerLegs.port}` },
  });
  user = await TestUser.signIn(stack.address, "cut");
  const { session } = await user.openSession("first-image");
  agentLeg = await AgentLeg.standIn(stack.dataDir, session.id);
  client = new TestClient(user, session.id, {
    through: `http://127.0.0.1:${browserLeg.port}`,
    pingEveryMs: 500,
    silenceMs: 2_000,
  });
  terminal = await client.open(0, 30_000);
});

afterAll(async () => {
  client.leave();
  const leftovers = await stack.stop();
  await Promise.all([browserLeg, runnerLegs, agentLeg].map((proxy) => proxy.close()));
  expect(leftovers).toEqual([]);
});

afterEach(() => {
  expect(terminal.instances).toHaveLength(1);
});

const legs = [
  ["browser socket", () => browserLeg, /^GET \/ws\/sessions\//],
  ["data socket", () => runnerLegs, /^GET \/ws\/runner\/data/],
  ["control socket", () => runnerLegs, /^GET \/ws\/runner\/control/],
  ["agent socket", () => agentLeg.proxy, /(?:)/],
] as const;

describe.each(legs)("the %s", (_, leg, which) => {
  // The cut before this one may still have to be noticed.
  beforeEach(() => waitUntil(() => leg().count(which) === 1, FINISH_MS, "the leg to be whole"));

  it("may be reset", async () => {
    const run = await NumberedRun.start(client, terminal, NUMBERS, INPUTS);
    for (let cut = 0; cut < INPUTS / 2; cut++) run.type();
    expect(leg().reset(which)).toBe(1);
    await run.finish(FINISH_MS);
  });

  it("may go half-open", async () => {
    const run = await NumberedRun.start(client, terminal, NUMBERS, INPUTS);
    expect(leg().goHalfOpen(which)).toBe(1);
    for (let cut = 0; cut < INPUTS / 2; cut++) run.type();
    await run.finish(FINISH_MS);
  });

  it("may stall for 20 s", async () => {
    const run = await NumberedRun.start(client, terminal, NUMBERS, INPUTS);
    const stalled = leg().stall(STALL_MS, which);
    for (let cut = 0; cut < INPUTS / 2; cut++) run.type();
    await run.finish(FINISH_MS);
    expect(await stalled).toBe(1);
  });
});
