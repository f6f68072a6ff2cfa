// How a session's container is started, and what is not started any more.

import { pino } from "pino";
import { expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { startContainer } from "../../../runner-host/sessions/container-start.ts";
import { PATIENCE } from "../../../runner-host/sessions/patience.ts";
import { AgentEngine } from "../../support/agent-engine.ts";

test("what is let go while its container is being stopped is not made again", async () => {
  const session = newId("s");
  const engine = new AgentEngine({ directory: "/nonexistent", agentScript: "/nonexistent" });
  let isHeld = true;
  engine.stopContainer = () => {
    isHeld = false;
    return Promise.resolve();
  };
  const start = startContainer({
    host: { engine, patience: PATIENCE },
    record: { session, epoch: 1, ticket: "", images: [] },
    log: pino({ enabled: false }),
    isWanted: () => isHeld,
    fromMs: performance.now(),
    mustStop: true,
  });
  expect(await start).toBe("unwanted");
  expect(engine.ensured).toBe(0);
});
