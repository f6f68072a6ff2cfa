// What becomes of frozen containers when the engine that runs them is killed or stopped.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { openDockerEngine } from "../../../runner-host/engine/docker-engine.ts";
import { cleanLeftovers } from "../../../runner-host/engine/engine-place.ts";
import { type RunningEngine, startEngine } from "../../../runner-host/engine/engine.ts";
import { buildImages } from "../../../runner-host/image/build-images.ts";
import { findLeftovers } from "../../support/leftovers.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { AGENT_DIRECTORY, IMAGES_DIRECTORY } from "./machine.ts";
import { StandInDaemon } from "./stand-in-daemon.ts";

const GONE_MS = 10_000;

/** findLeftovers looks at a data directory, whose engine lies in `engine`. */
let dataDirectory: string;
let directory: string;
beforeAll(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), "berth-frozen-"));
  directory = join(dataDirectory, "engine");
});
afterEach(() => cleanLeftovers(directory));
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

async function openContainers({ layout }: RunningEngine): Promise<ContainerEngine> {
  const images = await buildImages({ directory: IMAGES_DIRECTORY });
  return openDockerEngine({ layout, images, agentDirectory: AGENT_DIRECTORY });
}

interface Frozen {
  engine: RunningEngine;
  sessions: string[];
  learners: StandInDaemon[];
  agents: number[];
}

async function startFrozen(count: number): Promise<Frozen> {
  const engine = await startEngine({ directory });
  const containers = await openContainers(engine);
  const frozen: Frozen = { engine, sessions: [], learners: [], agents: [] };
  for (let made = 0; made < count; made++) {
    const session = newId("s");
    const learner = await StandInDaemon.listen(await containers.openSocketDirectory(session));
    await containers.ensureContainer({ session, epoch: 1, images: [] });
    frozen.sessions.push(session);
    frozen.learners.push(learner);
    frozen.agents.push(await learner.agentPid());
    expect(containers.freezeContainer(session)).toBe(true);
  }
  await containers.close();
  return frozen;
}

it("an engine that is killed finds its frozen containers again: they go on, stop and are removed as others do", async () => {
  const { engine, sessions, learners, agents } = await startFrozen(3);
  process.kill(engine.pid, "SIGKILL");
  await waitUntil(async () => !(await engine.isRunning()), GONE_MS, "the end of the engine");
  const revived = await startEngine({ directory });
  const containers = await openContainers(revived);
  expect((await containers.listContainers()).map(({ isRunning }) => isRunning)).toEqual([true, true, true]);
  const [first = "", second = "", third = ""] = sessions;
  await containers.ensureContainer({ session: first, epoch: 1, images: [] });
  expect(await learners[0]?.read("echo awake")).toBe("awake");
  expect(await learners[0]?.agentPid()).toBe(agents[0]);
  expect(containers.freezeContainer(first)).toBe(true);
  await containers.stopContainer(first);
  await containers.stopContainer(second);
  await containers.removeContainer(third);
  expect((await containers.listContainers()).map(({ isRunning }) => isRunning)).toEqual([false, false]);
  for (const learner of learners) await learner.close();
  await containers.close();
  await revived.stop();
  expect(findLeftovers(dataDirectory)).toEqual([]);
});

it("an engine that stops leaves no frozen process behind", async () => {
  const { engine, learners } = await startFrozen(1);
  for (const learner of learners) await learner.close();
  await engine.stop();
  expect(findLeftovers(dataDirectory)).toEqual([]);
});

it("what a killed engine left frozen is ended", async () => {
  const { engine, learners } = await startFrozen(1);
  for (const learner of learners) await learner.close();
  process.kill(engine.pid, "SIGKILL");
  await waitUntil(async () => !(await engine.isRunning()), GONE_MS, "the end of the engine");
  await cleanLeftovers(directory);
  expect(findLeftovers(dataDirectory)).toEqual([]);
});
