// Real containers that run into their limits and are paused: what the kernel counts, what the learner is told, and how soon a key is answered.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ContainerCgroup } from "../../../runner-host/engine/container-cgroup.ts";
import { Docker } from "../../../runner-host/engine/docker.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import type { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DockerHost } from "./docker-host.ts";

const NOTICE_MS = 20_000;
const PAUSE_MS = 15_000;
/** The bench measures it; this is what a busy test machine keeps. */
const ECHO_MS = 250;

let host: DockerHost;
beforeAll(async () => {
  host = await DockerHost.start(1_000);
});
afterEach(() => host.releaseAll());
afterAll(() => host.close());

function noticesOf(held: StandInSession): string[] {
  return held.said.flatMap((message) => (message.type === "notice" ? [message.notice.code] : []));
}

async function waitForNotice(held: StandInSession, code: string): Promise<void> {
  await waitUntil(() => noticesOf(held).includes(code), NOTICE_MS, `the notice ${code}`);
}

/** By the kernel's word, on either kind of hierarchy. */
async function isFrozen(held: StandInSession): Promise<boolean> {
  const { name } = host.machine.engine.layout;
  const id = await containerIdOf(held);
  const separate = await readFile(join("/sys/fs/cgroup/freezer", name, id, "freezer.state"), "utf8").catch(() => null);
  if (separate !== null) return separate.trim() === "FROZEN";
  return (await readFile(join("/sys/fs/cgroup", name, id, "cgroup.events"), "utf8")).includes("frozen 1");
}

async function containerIdOf({ session }: StandInSession): Promise<string> {
  const container = (await host.engine.listContainers()).find((one) => one.session === session);
  if (container === undefined) throw new Error("there is no container");
  return container.containerId;
}

async function waitForPause(held: StandInSession): Promise<void> {
  await waitUntil(() => isFrozen(held), PAUSE_MS, "the pause");
}

async function echo(held: StandInSession, terminal: TestTerminal, word: string): Promise<number> {
  const from = performance.now();
  held.type(1, `echo ${word}=$((6 * 7))\n`);
  await waitUntil(() => terminal.text.includes(`${word}=42`), 5_000, "the echo");
  return performance.now() - from;
}

test("a program that takes more memory than there is is ended, counted and told", async () => {
  const { held } = await host.openSession();
  held.type(1, "tail /dev/zero; cat\n");
  await waitForNotice(held, "memory_full");
  expect((await host.engine.readUsage(held.session))?.oomKills).toBeGreaterThan(0);
});

test("a program that starts more processes than there may be is refused, counted and told", async () => {
  const { held } = await host.openSession();
  held.type(1, "for i in $(seq 600); do sleep 30 & done 2>/dev/null; cat\n");
  await waitForNotice(held, "processes_full");
  expect((await host.engine.readUsage(held.session))?.pidsRefused).toBeGreaterThan(0);
});

test("a disk that fills up is told of before and when it is full", async () => {
  const { held, terminal } = await host.openSession();
  const fill = "fallocate -l $(($(df --output=avail -B1 /workspace | tail -1) * 97 / 100)) big";
  held.type(1, `${fill}; echo fil''led; sleep 3; cat /dev/zero > rest; sleep 1000\n`);
  await waitForNotice(held, "disk_low");
  await waitForNotice(held, "disk_full");
  await waitUntil(() => terminal.text.includes("No space left on device"), NOTICE_MS, "the program's own words");
  expect((await host.engine.readUsage(held.session))?.disk.freeBytes).toBeLessThan(1024 ** 2);
});

test("a paused session answers the next key, one after another", async () => {
  const { held, terminal } = await host.openSession();
  for (let round = 1; round <= 3; round++) {
    await waitForPause(held);
    expect(await host.metrics()).toMatch(/berth_host_sessions_paused [1-9]/);
    expect(await echo(held, terminal, `round${round}`)).toBeLessThan(ECHO_MS);
  }
  expect(terminal.faults).toEqual([]);
  expect(terminal.instances).toHaveLength(1);
});

test("a container that was left frozen by a daemon that is gone is taken up with its terminals", async () => {
  const { held, terminal } = await host.openSession();
  const containerId = await containerIdOf(held);
  await host.stopDaemon();
  // As a daemon does that is killed: one that is told to go thaws first.
  const left = new ContainerCgroup(`/${host.machine.engine.layout.name}`, containerId);
  expect(left.freeze()).toBe(true);
  await host.startDaemon();
  await waitUntil(() => terminal.isOpen, 20_000, "the terminal");
  await echo(held, terminal, "adopted");
  expect(terminal.instances).toHaveLength(1);
  await waitForPause(held);
});

test("a container that ends while it is frozen is started again, and one is released", async () => {
  const { held, terminal } = await host.openSession();
  await waitForPause(held);
  const pid = await new Docker(host.machine.engine.layout.engineSocket).findFirstProcess(await containerIdOf(held));
  process.kill(pid ?? 0, "SIGKILL");
  // Where hierarchies are separate a frozen process ends when it is thawed.
  held.type(1, "\n");
  await waitForNotice(held, "container_restarted");
  await waitUntil(() => terminal.instances.length === 2 && terminal.isOpen, 20_000, "a new instance");
  await waitForPause(held);
  const before = host.edge.said.length;
  host.edge.order({ type: "release", session: held.session, epoch: 1 });
  await waitUntil(() => host.edge.said.slice(before).some(({ type }) => type === "released"), 20_000, "the release");
  expect((await host.engine.listContainers()).some(({ session }) => session === held.session)).toBe(false);
});
