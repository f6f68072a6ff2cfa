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
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import { openDockerEngine } from "../../../runner-host/engine/docker-engine.ts";
import { adoptEngine, cleanLeftovers, type RunningEngine, startEngine } from "../../../runner-host/engine/engine.ts";
import { findEngineProcesses } from "../../../runner-host/engine/processes.ts";
import { buildImages } from "../../../runner-host/image/build-images.ts";
import { findLeftovers } from "../../support/leftovers.ts";
import { AGENT_DIRECTORY, IMAGES_DIRECTORY } from "./machine.ts";
import { StandInDaemon } from "./stand-in-daemon.ts";

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

async function startSession(engine: RunningEngine): Promise<{ session: string; learner: StandInDaemon }> {
  const images = await buildImages({ directory: IMAGES_DIRECTORY });
  const containers = await openDockerEngine({ layout: engine.layout, images, agentDirectory: AGENT_DIRECTORY });
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

  it("is started anew after it was killed, with what it left ended and the sessions' files kept", async () => {
    const engine = await startEngine({ directory });
    const { session, learner } = await startSession(engine);
    await learner.read("echo kept > /workspace/note");
    await learner.close();
    const agents = containerProcesses(engine.layout.name);
    expect(agents.length).toBeGreaterThan(0);
    for (const { pid } of await findEngineProcesses(engine.layout.run)) process.kill(pid, "SIGKILL");
    expect(await adoptEngine({ directory })).toBeNull();

    const again = await startEngine({ directory });
    expect(again.pid).not.toBe(engine.pid);
    expect(agents.filter((pid) => existsSync(`/proc/${pid}/root`))).toEqual([]);
    const images = await buildImages({ directory: IMAGES_DIRECTORY });
    const containers = await openDockerEngine({ layout: again.layout, images, agentDirectory: AGENT_DIRECTORY });
    expect(await containers.listContainers()).toContainEqual(
      expect.objectContaining({ session, epoch: 1, isRunning: false }),
    );
    const returned = await StandInDaemon.listen(await containers.openSocketDirectory(session));
    await containers.ensureContainer({ session, epoch: 1, images: [] });
    expect(await returned.read("cat /workspace/note")).toBe("kept");
    await returned.close();
    await containers.close();
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
    const images = await buildImages({ directory: IMAGES_DIRECTORY });
    const containers = await openDockerEngine({ layout: again.layout, images, agentDirectory: AGENT_DIRECTORY });
    const returned = await StandInDaemon.listen(await containers.openSocketDirectory(session));
    await containers.ensureContainer({ session, epoch: 1, images: [] });
    expect(await returned.read("cat /workspace/note")).toBe("kept");
    await returned.close();
    await containers.close();
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
