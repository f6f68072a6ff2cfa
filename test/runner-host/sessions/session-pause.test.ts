// A whole runner host whose sessions are paused after a second: real agents, frozen and woken.

import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import type { HostDataMessage, SessionDataMessage } from "#wire/runner.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const PAUSE_AFTER_MS = 1_000;
let host: DaemonUnderTest;
beforeEach(async () => {
  host = await DaemonUnderTest.prepare();
  host.pauseAfterMs = PAUSE_AFTER_MS;
});
afterEach(() => host.dispose());

async function claimUp(): Promise<StandInSession> {
  const held = host.edge.claim(newId("s"), 1);
  await waitUntil(() => held.isAgentUp, 5_000, "the agent");
  return held;
}

async function openTerminal(held: StandInSession, connection = 1): Promise<TestTerminal> {
  const terminal = new TestTerminal(0);
  held.attach(connection, terminal);
  await waitUntil(() => terminal.isOpen && /[$#] $/.test(terminal.text), 5_000, "the prompt");
  return terminal;
}

async function isFrozen({ session }: StandInSession): Promise<boolean> {
  const stat = await readFile(`/proc/${await host.engine.pidOf(session)}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")")).startsWith(") T");
}

async function waitForPause(held: StandInSession): Promise<void> {
  await waitUntil(() => isFrozen(held), 10 * PAUSE_AFTER_MS, "the pause");
}

function agentStates(held: StandInSession): string[] {
  return held.said.flatMap((message) => (message.type === "agent" ? [message.state] : []));
}

function noticesOf(held: StandInSession): string[] {
  return held.said.flatMap((message: HostDataMessage) => (message.type === "notice" ? [message.notice.code] : []));
}

test("a session that nobody uses is paused, and the next key is answered by the shell that was there", async () => {
  const { httpPort } = await host.start();
  const held = await claimUp();
  const terminal = await openTerminal(held);
  held.type(1, "x=kept\n");
  await waitForPause(held);
  const metrics = async () => (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  expect(await metrics()).toContain("berth_host_sessions_paused 1");
  held.type(1, 'echo "<$x>"\n');
  await waitUntil(() => terminal.text.includes("<kept>"), 5_000, "the echo");
  expect(await metrics()).toMatch(/berth_host_sessions_paused 0[^]*berth_host_thaw_seconds_count 1/);
  expect(terminal.faults).toEqual([]);
  expect(agentStates(held).filter((state) => state === "up")).toHaveLength(1);
});

test("whatever the agent has to do something about wakes it", async () => {
  host.edge.starters.set("e".repeat(64), []);
  await host.start();
  const held = await claimUp();
  const terminal = await openTerminal(held);
  const orders: [SessionDataMessage, () => Promise<unknown>][] = [
    [{ type: "probe", connection: 1, probe: 1, at: "container" }, () => held.waitFor("probed")],
    [{ type: "resize", connection: 1, terminal: 0, cols: 33, rows: 11 }, () => held.waitFor("resized")],
    [{ type: "lay", request: 1, version: "e".repeat(64) }, () => held.waitFor("laid")],
    [
      { type: "warn", message: "Soon." },
      () => waitUntil(() => terminal.text.includes("Berth: Soon."), 5_000, "the warning"),
    ],
    [{ type: "detach", connection: 1 }, () => openTerminal(held, 2)],
  ];
  for (const [order, answer] of orders) {
    await waitForPause(held);
    held.send(order);
    await waitUntil(async () => !(await isFrozen(held)), 2_000, `the thaw by ${order.type}`);
    await answer();
  }
});

test("a foreground job is not paused, is told as activity, and its session is paused once it has ended", async () => {
  await host.start();
  const held = await claimUp();
  await openTerminal(held);
  held.type(1, "sleep 3\n");
  await held.waitFor("active");
  const from = performance.now();
  await waitForPause(held);
  expect(performance.now() - from).toBeGreaterThan(2_500);
  expect(held.said.filter(({ type }) => type === "active")).toHaveLength(1);
});

test("a paused session lives through cuts of its data socket", async () => {
  await host.start();
  const held = await claimUp();
  const terminal = await openTerminal(held);
  for (let round = 1; round <= 2; round++) {
    await waitForPause(held);
    held.cut();
    await waitUntil(() => held.accepted === round + 1 && terminal.isOpen, 5_000, "another data socket");
    held.type(1, `echo round=$((${round} * 7))\n`);
    await waitUntil(() => terminal.text.includes(`round=${round * 7}`), 5_000, "the echo");
  }
  expect(terminal.instances).toHaveLength(1);
});

test("a paused session is released", async () => {
  await host.start();
  const held = await claimUp();
  await waitForPause(held);
  const pid = await host.engine.pidOf(held.session);
  host.edge.order({ type: "release", session: held.session, epoch: 1 });
  await host.edge.waitFor("released");
  expect(await host.engine.listContainers()).toEqual([]);
  await expect(readFile(`/proc/${pid}/stat`)).rejects.toThrow();
});

test("a container that ends while it is paused is started again, and the learner is told", async () => {
  await host.start();
  const held = await claimUp();
  await openTerminal(held);
  await waitForPause(held);
  const pid = await host.engine.pidOf(held.session);
  process.kill(pid ?? 0, "SIGKILL");
  await waitUntil(() => agentStates(held).join().endsWith("up,down,up"), 10_000, "another agent");
  await waitUntil(() => noticesOf(held).length > 0, 5_000, "the notice");
  expect(noticesOf(held)).toEqual(["container_restarted"]);
});

test("a daemon that is killed leaves its paused sessions to the next one, terminals and all", async () => {
  await host.startProcess();
  const held = await claimUp();
  const terminal = await openTerminal(held);
  await waitForPause(held);
  const pid = await host.engine.pidOf(held.session);
  await host.killProcess();
  expect(await isFrozen(held)).toBe(true);
  await host.startProcess();
  await waitUntil(() => held.accepted === 2 && terminal.isOpen, 10_000, "the session's return");
  held.type(1, "echo back=$((6 * 7))\n");
  await waitUntil(() => terminal.text.includes("back=42"), 5_000, "the echo");
  expect(await host.engine.pidOf(held.session)).toBe(pid);
  expect(terminal.instances).toHaveLength(1);
  await waitForPause(held);
});

test("a limit that was hit is told, at once or as soon as the edge is back", async () => {
  await host.start();
  const held = await claimUp();
  await openTerminal(held);
  held.type(1, "cat\n");
  await held.waitFor("active");
  host.engine.pretended.set(held.session, { oomKills: 1 });
  await held.waitFor("notice");
  held.cut();
  host.engine.pretended.set(held.session, { oomKills: 1, pidsRefused: 4 });
  await waitUntil(() => noticesOf(held).length === 2, 10_000, "the second notice");
  expect(noticesOf(held)).toEqual(["memory_full", "processes_full"]);
});
