// An agent that was frozen for longer than it would wait for its daemon keeps its connection.

import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { AgentUnderTest } from "../../support/agent-under-test.ts";
import { waitUntil } from "../../support/wait-until.ts";

let agent: AgentUnderTest;
beforeEach(async () => {
  agent = await AgentUnderTest.start();
  await agent.waitFor("hello");
});
afterEach(() => agent.dispose());

async function isStopped(): Promise<boolean> {
  const stat = await readFile(`/proc/${agent.pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")")).startsWith(") T");
}

test("an agent that was frozen answers on the same connection", { timeout: 60_000 }, async () => {
  for (let round = 1; round <= 3; round++) {
    process.kill(agent.pid, "SIGSTOP");
    await waitUntil(isStopped, 5_000, "the freeze");
    await delay(limits.runnerSilenceMs + 500);
    agent.send({ type: "ping" });
    process.kill(agent.pid, "SIGCONT");
    await agent.waitFor("pong", round);
  }
  expect(agent.connections).toBe(1);
});
