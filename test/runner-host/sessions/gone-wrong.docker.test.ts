// What is done to a runner host behind its back ends in a right state with a reason: full disks, removed containers and disks, killed agents, orphans.

import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { runCommand } from "../../../runner-host/engine/command.ts";
import { Docker } from "../../../runner-host/engine/docker.ts";
import { isMounted } from "../../../runner-host/engine/mounts.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import type { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DockerHost } from "./docker-host.ts";

const NEVER = 0;
const SOON_MS = 10_000;

let host: DockerHost;
let docker: Docker;

beforeAll(async () => {
  host = await DockerHost.start(NEVER);
  docker = new Docker(host.machine.engine.socketPath);
});
afterAll(() => host.close());

afterEach(async () => {
  for (const session of host.edge.sessions.keys()) host.edge.forget(session);
  await waitUntil(async () => (await host.engine.listTraces()).length === 0, SOON_MS, "the end of all sessions");
});

async function containerOf({ session }: StandInSession): Promise<string> {
  const found = (await host.engine.listContainers()).find((one) => one.session === session);
  if (found === undefined) throw new Error("there is no container");
  return found.containerId;
}

/** A file that must outlive what happens. */
async function leaveNote(held: StandInSession, terminal: TestTerminal): Promise<void> {
  held.type(1, "echo mine > ~/note; sync; echo sa''ved\n");
  await waitUntil(() => terminal.text.includes("saved"), SOON_MS, "the note");
}

async function expectNote(held: StandInSession, terminal: TestTerminal): Promise<void> {
  await waitUntil(() => terminal.instances.length === 2 && terminal.isOpen, SOON_MS, "a new shell");
  held.type(1, "cat ~/note\n");
  await waitUntil(() => /mine\r/.test(terminal.text), SOON_MS, "the note");
}

test("a host whose disk is full refuses a session with a sentence, leaves nothing of it, and takes the next when there is room", async () => {
  const { diskFiles } = host.machine.engine.layout;
  await mkdir(diskFiles, { recursive: true });
  await runCommand("mount", ["-t", "tmpfs", "-o", "size=1M", "berth-test-disks", diskFiles]);
  try {
    const { session } = host.edge.claim(newId("s"), 1);
    const refusal = await host.edge.waitFor("claim_failed", 1, SOON_MS);
    const message = "The disk of this runner host is full.";
    expect(refusal).toMatchObject({ session, code: "no_room", message });
    host.edge.forget(session);
    await waitUntil(async () => (await host.engine.listTraces()).length === 0, SOON_MS, "nothing to be left");
  } finally {
    await runCommand("umount", [diskFiles]);
  }
  await host.openSession();
});

test("a container that was removed behind the host's back is there again, with its files", async () => {
  const { held, terminal } = await host.openSession();
  await leaveNote(held, terminal);
  const removed = await containerOf(held);
  await docker.removeContainer(removed);
  await expectNote(held, terminal);
  expect(await containerOf(held)).not.toBe(removed);
});

test("a session whose disk was deleted behind the host's back is lost, with the reason", async () => {
  const { held } = await host.openSession();
  await rm(join(host.machine.engine.layout.diskFiles, `${held.session}.ext4`));
  const pid = await docker.findFirstProcess(await containerOf(held));
  if (pid !== null) process.kill(pid, "SIGKILL");
  const message = "The files of this session are gone from its runner host.";
  expect(await held.waitFor("container_lost", 1, SOON_MS)).toMatchObject({ message });
});

test("an agent that its learner killed is there again, with the files", async () => {
  const { held, terminal } = await host.openSession();
  await leaveNote(held, terminal);
  held.type(1, "sudo pkill -9 -f /opt/berth/agent\n");
  await expectNote(held, terminal);
});

test("what is left of sessions without a record is reaped when a daemon starts: containers, disks, mounts, socket folders", async () => {
  const { layout } = host.machine.engine;
  const [whole, half, folder] = [newId("s"), newId("s"), newId("s")];
  await host.engine.ensureContainer({ session: whole, epoch: 1, images: [] });
  await writeFile(join(layout.diskFiles, `${half}.ext4.new`), "half made");
  await mkdir(join(layout.sockets, folder));
  const { held } = await host.openSession();
  await host.stopDaemon();
  await host.startDaemon();
  await waitUntil(async () => (await host.engine.listTraces()).length === 1, SOON_MS, "the orphans' end");
  expect(await host.engine.listTraces()).toEqual([held.session]);
  expect(await isMounted(join(layout.disks, whole))).toBe(false);
  expect(existsSync(join(layout.diskFiles, `${half}.ext4.new`))).toBe(false);
});

test("processes and a keeper whose container the engine has forgotten are ended by the next sweep", async () => {
  const { held } = await host.openSession();
  const { layout } = host.machine.engine;
  const stray = "0".repeat(64);
  const cgroups = ["memory", "pids"].map((kind) => join("/sys/fs/cgroup", kind, layout.name, stray));
  for (const cgroup of cgroups.filter((path) => existsSync(join(path, "..")))) await mkdir(cgroup);
  await host.engine.sweep();
  expect(cgroups.filter(existsSync)).toEqual([]);
  expect((await host.engine.listContainers()).find(({ session }) => session === held.session)?.isRunning).toBe(true);
});
