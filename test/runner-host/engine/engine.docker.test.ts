// The life of the private engine on a real machine: start, adoption, stop, and what a crash leaves.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import type { ContainerEnd, ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { openDockerEngine } from "../../../runner-host/engine/docker-engine.ts";
import { Docker } from "../../../runner-host/engine/docker.ts";
import { cleanLeftovers } from "../../../runner-host/engine/engine-place.ts";
import { adoptEngine, type RunningEngine, startEngine } from "../../../runner-host/engine/engine.ts";
import { findEngineProcesses } from "../../../runner-host/engine/processes.ts";
import { buildImages } from "../../../runner-host/image/build-images.ts";
import { findLeftovers } from "../../support/leftovers.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { AGENT_DIRECTORY, IMAGES_DIRECTORY } from "./machine.ts";
import { StandInDaemon } from "./stand-in-daemon.ts";

const GONE_MS = 10_000;

/** findLeftovers looks at a data directory, whose engine lies in `engine`. */
let dataDirectory: string;
let directory: string;

// One for all tests: the session image is loaded once.
beforeAll(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), "berth-life-"));
  directory = join(dataDirectory, "engine");
});

afterEach(() => cleanLeftovers(directory));
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

async function openContainers(engine: RunningEngine): Promise<ContainerEngine> {
  const images = await buildImages({ directory: IMAGES_DIRECTORY });
  return openDockerEngine({ layout: engine.layout, images, agentDirectory: AGENT_DIRECTORY });
}

/** The session, which has a file, starts again with it. */
async function bringBack(engine: RunningEngine, session: string): Promise<void> {
  const containers = await openContainers(engine);
  const returned = await StandInDaemon.listen(await containers.openSocketDirectory(session));
  await containers.ensureContainer({ session, epoch: 1, images: [] });
  expect(await returned.read("cat /workspace/note")).toBe("kept");
  await returned.close();
  await containers.close();
}

async function startSession(engine: RunningEngine): Promise<{ session: string; learner: StandInDaemon }> {
  const containers = await openContainers(engine);
  const session = newId("s");
  const learner = await StandInDaemon.listen(await containers.openSocketDirectory(session));
  await containers.ensureContainer({ session, epoch: 1, images: [] });
  await learner.agentPid();
  await containers.close();
  return { session, learner };
}

describe("the private engine", () => {
  it("is adopted instead of started twice, by whoever names its directory", async () => {
    const first = await startEngine({ directory });
    const second = await startEngine({ directory });
    expect(second.pid).toBe(first.pid);
    expect((await adoptEngine({ directory }))?.socketPath).toBe(first.socketPath);
    await second.stop();
    expect(await adoptEngine({ directory })).toBeNull();
  });

  it("lives in a network namespace of its own, with nothing in common with the machine's Docker", async () => {
    const { pid, layout } = await startEngine({ directory });
    expect(readlinkSync(`/proc/${pid}/ns/net`)).not.toBe(readlinkSync("/proc/self/ns/net"));
    const config: unknown = JSON.parse(readFileSync(layout.engineConfig, "utf8"));
    expect(config).toMatchObject({ bridge: "none", iptables: false, "userns-remap": "berth-engine" });
    expect(JSON.stringify(config)).not.toContain("/var/lib/docker");
    expect(statSync(layout.engineSocket).mode & 0o007).toBe(0);
  });

  it("runs beside a second one of another directory", async () => {
    const other = mkdtempSync(join(tmpdir(), "berth-life-"));
    const [one, two] = await Promise.all([startEngine({ directory }), startEngine({ directory: other })]);
    expect(one.pid).not.toBe(two.pid);
    await two.stop();
    expect((await adoptEngine({ directory }))?.pid).toBe(one.pid);
    rmSync(other, { recursive: true });
  });

  it("leaves no process, mount, loop device, cgroup or run directory when it stops with a session in it", async () => {
    const engine = await startEngine({ directory });
    const { learner } = await startSession(engine);
    expect(findLeftovers(dataDirectory)).not.toEqual([]);
    await learner.close();
    await engine.stop();
    expect(findLeftovers(dataDirectory)).toEqual([]);
  });

  it("that was killed is revived over its containers, which notice nothing, by whoever asks first", async () => {
    const engine = await startEngine({ directory });
    const { session, learner } = await startSession(engine);
    const agent = await learner.agentPid();
    process.kill(engine.pid, "SIGKILL");
    await waitUntil(async () => !(await engine.isRunning()), GONE_MS, "the end of the engine");
    expect(await adoptEngine({ directory })).toBeNull();
    expect(await learner.read("echo alive")).toBe("alive");

    const [one, two] = await Promise.all([startEngine({ directory }), startEngine({ directory })]);
    expect([one.origin, two.origin].sort()).toEqual(["adopted", "revived"]);
    expect(one.pid).toBe(two.pid);
    const containers = await openContainers(one);
    expect(await containers.listContainers()).toContainEqual(expect.objectContaining({ session, isRunning: true }));
    await containers.ensureContainer({ session, epoch: 1, images: [] });
    expect(await learner.agentPid()).toBe(agent);
    expect(learner.agentsSeen.size).toBe(1);
    await learner.close();
    await containers.close();
    await one.stop();
    expect(findLeftovers(dataDirectory)).toEqual([]);
  });

  it("whose containerd was killed counts as ended, and is revived over its containers", async () => {
    const engine = await startEngine({ directory });
    const { learner } = await startSession(engine);
    for (const { pid } of await findEngineProcesses(engine.layout.run, ["containerd"])) process.kill(pid, "SIGKILL");
    await waitUntil(async () => !(await engine.isRunning()), GONE_MS, "the end of containerd");
    const again = await startEngine({ directory });
    expect(again).toMatchObject({ origin: "revived" });
    expect(again.pid).not.toBe(engine.pid);
    expect(await learner.read("echo alive")).toBe("alive");
    await learner.close();
    await again.stop();
    expect(findLeftovers(dataDirectory)).toEqual([]);
  });

  it("tells of a container that ended while it was away", async () => {
    const engine = await startEngine({ directory });
    const containers = await openContainers(engine);
    const ends: ContainerEnd[] = [];
    containers.watch((end) => ends.push(end));
    const session = newId("s");
    const { containerId } = await containers.ensureContainer({ session, epoch: 3, images: [] });
    const pid = await new Docker(engine.socketPath).findFirstProcess(containerId);
    process.kill(engine.pid, "SIGKILL");
    await waitUntil(async () => !(await engine.isRunning()), GONE_MS, "the end of the engine");
    if (pid !== null) process.kill(pid, "SIGKILL");
    const again = await startEngine({ directory });
    await waitUntil(() => ends.length > 0, GONE_MS, "the news of the end");
    expect(ends).toMatchObject([{ session, epoch: 3, containerId }]);
    await containers.close();
    await again.stop();
  });

  it("is started anew after it and the keepers of its containers were killed, with the sessions' files kept", async () => {
    const engine = await startEngine({ directory });
    const { session, learner } = await startSession(engine);
    await learner.read("echo kept > /workspace/note");
    await learner.close();
    const agents = containerProcesses(engine.layout.name);
    expect(agents.length).toBeGreaterThan(0);
    for (const { pid } of await findEngineProcesses(engine.layout.run)) process.kill(pid, "SIGKILL");
    await waitUntil(async () => !(await engine.isRunning()), GONE_MS, "the end of the engine");

    const again = await startEngine({ directory });
    await bringBack(again, session);
    expect(agents.filter((pid) => existsSync(`/proc/${pid}/root`))).toEqual([]);
    await again.stop();
    expect(findLeftovers(dataDirectory)).toEqual([]);
  });

  it("is started anew after the machine was switched off and on, and sessions come back from their disks", async () => {
    const engine = await startEngine({ directory });
    const { session, learner } = await startSession(engine);
    await learner.read("echo kept > /workspace/note; sync");
    await learner.close();
    const { layout } = engine;
    const record: object = JSON.parse(readFileSync(layout.engineRecord, "utf8"));
    const inside = containerProcesses(layout.name);
    for (const { pid } of await findEngineProcesses(layout.run)) process.kill(pid, "SIGKILL");
    for (const pid of inside) process.kill(pid, "SIGKILL");
    writeFileSync(layout.engineRecord, JSON.stringify({ ...record, bootId: "another boot" }));

    const again = await startEngine({ directory });
    expect(again).toMatchObject({ origin: "started" });
    await bringBack(again, session);
    await again.stop();
    expect(findLeftovers(dataDirectory)).toEqual([]);
  });

  it("is cleaned up after when it and all that watched it were killed", async () => {
    const engine = await startEngine({ directory });
    const { learner } = await startSession(engine);
    await learner.close();
    process.kill(engine.pid, "SIGKILL");
    await cleanLeftovers(directory);
    expect(findLeftovers(dataDirectory)).toEqual([]);
  });

  it("brings a session back although the data directory has moved", async () => {
    const engine = await startEngine({ directory });
    const { session, learner } = await startSession(engine);
    await learner.read("echo kept > /workspace/note");
    await learner.close();
    await engine.stop();
    const moved = mkdtempSync(join(tmpdir(), "berth-life-"));
    rmSync(moved, { recursive: true });
    renameSync(directory, moved);
    const again = await startEngine({ directory: moved });
    await bringBack(again, session);
    await again.stop();
    renameSync(moved, directory);
  });
});

function containerProcesses(name: string): number[] {
  const folder = [`/sys/fs/cgroup/memory/${name}`, `/sys/fs/cgroup/${name}`].find((path) => existsSync(path)) ?? "";
  const containers = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return containers.flatMap(({ name: id }) =>
    readFileSync(join(folder, id, "cgroup.procs"), "utf8")
      .trim()
      .split("\n")
      .map(Number),
  );
}
