// What becomes of sessions when the machine runs short of memory: the longest idle rest with their files, and are back when somebody asks.

import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { PATIENCE } from "../../../runner-host/sessions/patience.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const GiB = 1024 ** 3;
const ROOMY = { heldBytes: 0, limitBytes: GiB, machineBytes: 4 * GiB, availableBytes: 2 * GiB };
const SHORT = { ...ROOMY, heldBytes: 0.92 * GiB };
const WITHIN_MS = 5_000;

let host: DaemonUnderTest;
beforeEach(async () => {
  host = await DaemonUnderTest.prepare();
  host.patience = { ...PATIENCE, rest: { lookEveryMs: 50, presentMs: 300 }, hogLookEveryMs: 50 };
  await host.start();
});
afterEach(() => host.dispose());

async function claimUp(): Promise<StandInSession> {
  const claimed = host.edge.claim(newId("s"), 1);
  await waitUntil(() => claimed.isAgentUp, WITHIN_MS, "the agent");
  return claimed;
}

async function openShell(held: StandInSession): Promise<TestTerminal> {
  const terminal = new TestTerminal(0);
  held.attach(1, terminal);
  await waitUntil(() => terminal.isOpen, WITHIN_MS, "the terminal");
  return terminal;
}

async function rest(held: StandInSession): Promise<void> {
  host.engine.memory = SHORT;
  await waitUntil(() => notices(held).includes("put_to_rest"), WITHIN_MS, "the rest");
  host.engine.memory = ROOMY;
}

function notices(held: StandInSession): string[] {
  return held.said.flatMap((message) => (message.type === "notice" ? [message.notice.code] : []));
}

function states(held: StandInSession): string[] {
  return held.said.flatMap((message) => (message.type === "agent" ? [message.state] : []));
}

async function isRunning(held: StandInSession): Promise<boolean> {
  const containers = await host.engine.listContainers();
  return containers.some(({ session, isRunning: runs }) => session === held.session && runs);
}

test("the longest idle session rests with its files, is told so, and nothing else changes for it or its neighbour", async () => {
  const [idle, used] = [await claimUp(), await claimUp()];
  await openShell(idle);
  const terminal = await openShell(used);
  await writeFile(join(host.engine.workspaceOf(idle.session), "work"), "mine");
  const before = states(idle).length;
  const typing = setInterval(() => used.type(1, "x"), 50);
  await rest(idle);
  clearInterval(typing);
  expect(await isRunning(idle)).toBe(false);
  expect(await readFile(join(host.engine.workspaceOf(idle.session), "work"), "utf8")).toBe("mine");
  expect(idle.isConnected).toBe(true);
  expect(states(idle)).toHaveLength(before);
  expect(await isRunning(used)).toBe(true);
  expect(notices(used)).toEqual([]);
  expect(terminal.instances).toHaveLength(1);
});

test("a key starts it again, with new terminals", async () => {
  const held = await claimUp();
  const terminal = await openShell(held);
  await rest(held);
  held.type(1, "x");
  await waitUntil(() => terminal.isOpen && terminal.instances.length === 2, WITHIN_MS, "a new terminal");
  expect(states(held).slice(-2)).toEqual(["down", "up"]);
  expect(await isRunning(held)).toBe(true);
  expect(terminal.faults).toEqual([]);
});

test("what a page says by itself does not wake it; an open of a page that was loaded again does", async () => {
  const held = await claimUp();
  await openShell(held);
  await rest(held);
  const ensured = host.engine.ensured;
  held.send({ type: "ack", connection: 1, terminal: 0, offset: 0 });
  held.send({ type: "resize", connection: 1, terminal: 0, cols: 90, rows: 30 });
  held.send({ type: "probe", connection: 1, probe: 7, at: "host" });
  await held.waitFor("probed");
  expect(host.engine.ensured).toBe(ensured);
  const reloaded = await openShell(held);
  expect(reloaded.instances).toHaveLength(1);
});

test("a daemon that comes back starts nothing that rests, and the session's first open does", async () => {
  const held = await claimUp();
  await rest(held);
  await host.stop();
  await host.start();
  await waitUntil(() => held.isConnected && held.isAgentUp, WITHIN_MS, "the session's return");
  expect(await isRunning(held)).toBe(false);
  expect(host.engine.ensured).toBe(0);
  await openShell(held);
  expect(await isRunning(held)).toBe(true);
  await host.stop();
  await host.start();
  await waitUntil(() => host.engine.ensured > 0, WITHIN_MS, "a start of what does not rest");
});

test("a key while it is being stopped starts it again", async () => {
  const held = await claimUp();
  const terminal = await openShell(held);
  host.engine.memory = SHORT;
  await waitUntil(async () => isRecordedAsResting(held), WITHIN_MS, "the beginning of a rest");
  host.engine.memory = ROOMY;
  held.type(1, "x");
  await waitUntil(() => terminal.isOpen && terminal.instances.length === 2, WITHIN_MS, "a new terminal");
  expect(await isRecordedAsResting(held)).toBe(false);
  expect(await isRunning(held)).toBe(true);
});

test("one that is let go while it rests leaves nothing", async () => {
  const held = await claimUp();
  await rest(held);
  host.edge.forget(held.session);
  await waitUntil(async () => (await host.engine.listContainers()).length === 0, WITHIN_MS, "the end of the container");
  await waitUntil(
    () =>
      access(recordPath(held)).then(
        () => false,
        () => true,
      ),
    WITHIN_MS,
    "the end of the record",
  );
});

test("one that has taken what all share is started again with its files, and told why", async () => {
  const [hog, neighbour] = [await claimUp(), await claimUp()];
  const terminal = await openShell(hog);
  host.engine.terminalHog = hog.session;
  await waitUntil(() => states(hog).at(-1) === "down", WITHIN_MS, "the end of the hog");
  host.engine.terminalHog = null;
  await waitUntil(() => notices(hog).includes("took_too_much"), WITHIN_MS, "the notice");
  await waitUntil(() => terminal.isOpen && terminal.instances.length === 2, WITHIN_MS, "a new terminal");
  expect(notices(hog)).toEqual(["took_too_much"]);
  expect(states(neighbour).at(-1)).toBe("up");
});

function recordPath(held: StandInSession): string {
  return join(host.config.stateDirectory, "sessions", `${held.session}.json`);
}

async function isRecordedAsResting(held: StandInSession): Promise<boolean> {
  const record: unknown = JSON.parse(await readFile(recordPath(held), "utf8"));
  return Object(record).resting === true;
}
