// A whole runner host without Docker: the daemon, real agents with real shells, and an edge that speaks the protocol.

import { access, readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { encodeJsonFrame } from "../../../runner-host/agent/agent-frame.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const VERSION = "a".repeat(64);
const NUMBERS = 60_000;

let host: DaemonUnderTest;
beforeEach(async () => {
  host = await DaemonUnderTest.prepare();
});
afterEach(() => host.dispose());

async function openTerminal(session: StandInSession): Promise<TestTerminal> {
  await waitUntil(() => session.isAgentUp, 5_000, "the agent");
  const terminal = new TestTerminal(0);
  session.attach(1, terminal);
  await waitUntil(() => terminal.isOpen && /[$#] $/.test(terminal.text), 5_000, "the prompt");
  return terminal;
}

function numbered(text: string): number[] {
  return [...text.matchAll(/n(\d+)e/g)].map(([, digits]) => Number(digits));
}

/** Starts output that a lost or repeated byte would show in, and cuts while it runs. */
async function cutInMidOutput(session: StandInSession, cut: () => unknown): Promise<TestTerminal> {
  const terminal = await openTerminal(session);
  session.type(1, `echo shell=$$; for i in $(seq 1 ${NUMBERS}); do echo n"$i"e; done; echo over="done"\n`);
  await waitUntil(() => terminal.text.includes("n2000e"), 10_000, "output");
  await cut();
  session.type(1, "echo typed-during-the-cut=$$\n");
  await waitUntil(() => terminal.text.includes("over=done"), 30_000, "the end of the output");
  await waitUntil(() => /typed-during-the-cut=\d+/.test(terminal.text), 5_000, "the answer to what was typed");
  expect(numbered(terminal.text)).toEqual(Array.from({ length: NUMBERS }, (_, i) => i + 1));
  const shell = /shell=(\d+)/.exec(terminal.text)?.[1];
  expect(terminal.text.match(/typed-during-the-cut=\d+/g)).toEqual([`typed-during-the-cut=${shell}`]);
  expect(terminal.instances).toHaveLength(1);
  expect(terminal.faults).toEqual([]);
  return terminal;
}

test("a claimed session gets its container, its starter and a prompt", async () => {
  host.edge.starters.set(VERSION, [
    { path: "app/run.sh", mode: 0o755, contentBase64: Buffer.from("echo hi\n").toString("base64") },
  ]);
  await host.start();
  const session = host.edge.claim(newId("s"), 1, ["node:24"]);
  expect(await host.edge.waitFor("claimed")).toEqual({ type: "claimed", session: session.session, epoch: 1 });
  expect(await session.waitFor("hello")).toMatchObject({ session: session.session, epoch: 1 });
  await waitUntil(() => session.isAgentUp, 5_000, "the agent");
  session.send({ type: "lay", request: 1, version: VERSION });
  expect(await session.waitFor("laid")).toEqual({ type: "laid", request: 1, version: VERSION });
  const script = join(host.engine.workspaceOf(session.session), "app/run.sh");
  expect((await stat(script)).mode & 0o777).toBe(0o755);
  expect(await readFile(script, "utf8")).toBe("echo hi\n");
  const terminal = await openTerminal(session);
  session.type(1, "sh app/run.sh; exit 3\n");
  await waitUntil(() => terminal.exitCode !== null, 5_000, "the exit");
  expect(terminal.exitCode).toBe(3);
  expect(terminal.text).toMatch(/hi\r\n/);
  expect(terminal.faults).toEqual([]);
});

test("a cut data socket loses and repeats nothing", async () => {
  await host.start();
  const session = host.edge.claim(newId("s"), 1);
  await cutInMidOutput(session, () => session.cut());
  expect(session.accepted).toBe(2);
});

test("a cut agent socket loses and repeats nothing", async () => {
  await host.start();
  const session = host.edge.claim(newId("s"), 1);
  await cutInMidOutput(session, async () => {
    const path = join(await host.engine.openSocketDirectory(session.session), "agent.sock");
    // A second, newer connection of the agent would win: a hello from here cuts the first, and its end brings the agent back.
    const intruder = connect(path, () =>
      intruder.write(encodeJsonFrame({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION, terminals: [] })),
    );
    await session.waitFor("agent", session.said.filter(({ type }) => type === "agent").length + 2);
    intruder.destroy();
  });
});

test("an edge that went away and came back finds the same shell", async () => {
  await host.start();
  const session = host.edge.claim(newId("s"), 1);
  await cutInMidOutput(session, async () => {
    await host.edge.stop();
    await host.edge.listen();
  });
});

test("a daemon that is killed and started again finds the same shell", async () => {
  await host.startProcess();
  const session = host.edge.claim(newId("s"), 1);
  await cutInMidOutput(session, async () => {
    await host.killProcess();
    await host.startProcess();
  });
});

test("a released session leaves no container, no record and no socket", async () => {
  await host.start();
  const session = host.edge.claim(newId("s"), 1);
  await openTerminal(session);
  const record = join(host.config.stateDirectory, "sessions", `${session.session}.json`);
  expect((await stat(record)).mode & 0o777).toBe(0o600);
  host.edge.order({ type: "release", session: session.session, epoch: 1 });
  expect(await host.edge.waitFor("released")).toEqual({ type: "released", session: session.session, epoch: 1 });
  await expect(access(record)).rejects.toThrow("ENOENT");
  expect(await host.engine.listContainers()).toEqual([]);
  expect(session.isConnected).toBe(false);
});
