// Holds the engine that other tests use to the contract of the real one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { AgentEngine } from "../../support/agent-engine.ts";
import { describeContainerEngine } from "./contract.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-engine-"));
const agentScript = fileURLToPath(new URL("stand-in-agent/agent.js", import.meta.url));
const image = "berth/python:3.11";

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describeContainerEngine("an engine of bare agents", {
  open: async () => new AgentEngine({ directory, agentScript, images: [image] }),
  image,
  endCommand: "kill -KILL $PPID",
  workspaceOf: (session) => join(directory, session, "workspace"),
});
