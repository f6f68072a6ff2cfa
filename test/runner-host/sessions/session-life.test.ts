// What a host does with claims, releases, ends and restarts of its sessions.

import { once } from "node:events";
import { access, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { newId } from "#wire/ids.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { encodeJsonFrame } from "../../../runner-host/agent/agent-frame.ts";
import { PATIENCE } from "../../../runner-host/sessions/patience.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { waitUntil } from "../../support/wait-until.ts";

const VERSION = "c".repeat(64);
let host: DaemonUnderTest;
beforeEach(async () => {
  host = await DaemonUnderTest.prepare();
});
afterEach(() => host.dispose());

async function claimUp(epoch = 1, session = newId("s")): Promise<StandInSession> {
  const claimed = host.edge.claim(session, epoch);
  await waitUntil(() => claimed.isAgentUp, 5_000, "the agent");
  return claimed;
}

function recordExists(session: string): Promise<boolean> {
  return access(join(host.config.stateDirectory, "sessions", `${session}.json`)).then(
    () => true,
    () => false,
  );
}

/** As when nothing was heard of it for too long: the connection that says hello takes its place and goes. */
async function cutAgent(session: string): Promise<void> {
  const socket = connect(join(await host.engine.openSocketDirectory(session), "agent.sock"));
  socket.end(encodeJsonFrame({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION, terminals: [] }));
  await once(socket.resume(), "close");
}

function statesOf(held: StandInSession): string[] {
  return held.said.flatMap((message) => (message.type === "agent" ? [message.state] : []));
}

function saidOf(session: string): string[] {
  return host.edge.said.flatMap((message) =>
    "session" in message && message.session === session ? [`${message.type} ${message.epoch}`] : [],
  );
}

test("joins once with its token, keeps the credential for itself, and comes back with it", async () => {
  await host.start();
  expect((await stat(host.config.credentialFile)).mode & 0o777).toBe(0o600);
  await host.stop();
  expect(host.edge.joinTokens.size).toBe(0);
  await host.start({ joinToken: null });
  expect(host.edge.said.filter(({ type }) => type === "hello")).toHaveLength(2);
});

test("without credential and token it says what to do", async () => {
  await expect(host.start({ joinToken: null })).rejects.toThrow("set BERTH_JOIN_TOKEN once to join");
  await expect(host.start({ joinToken: "used before" })).rejects.toThrow(
    "The edge did not let this host join: This join token was used.",
  );
});

test("a credential that is refused ends the daemon with a sentence", async () => {
  host.edge.controlRefusal = "credential_refused";
  await host.start();
  expect(host.refusal).toContain("does not accept this host's credential");
});

test("announces its room and images, and is back at once after its control socket was cut", async () => {
  await host.start();
  const session = await claimUp();
  expect(host.edge.said[0]).toMatchObject({
    type: "hello",
    hostName: "host-under-test",
    capacity: 4,
    images: ["node:24"],
    sessions: [],
  });
  host.edge.cutControl();
  expect(await host.edge.waitFor("hello", 2)).toMatchObject({ sessions: [{ session: session.session, epoch: 1 }] });
});

test("the same claim again is answered again and makes nothing", async () => {
  await host.start();
  const { session, ticket } = await claimUp();
  host.edge.order({ type: "claim", session, epoch: 1, ticket, images: [] });
  await host.edge.waitFor("claimed", 2);
  expect(host.engine.ensured).toBe(1);
});

test("a newer epoch takes the place of the older one, and an older one is refused", async () => {
  await host.start();
  const first = await claimUp();
  const firstPid = await host.engine.pidOf(first.session);
  const second = await claimUp(3, first.session);
  expect(await host.engine.pidOf(first.session)).not.toBe(firstPid);
  host.edge.order({ type: "claim", session: first.session, epoch: 2, ticket: "late", images: [] });
  expect(await host.edge.waitFor("released")).toMatchObject({ epoch: 2 });
  host.edge.order({ type: "release", session: first.session, epoch: 2 });
  await host.edge.waitFor("released", 2);
  expect(second.isConnected).toBe(true);
  expect(saidOf(first.session)).toEqual(["claimed 1", "claimed 3", "released 2", "released 2"]);
});

test("more sessions than there is room for, and images that are not here, are refused by name", async () => {
  await host.start({ capacity: 1 });
  await claimUp();
  host.edge.claim(newId("s"), 1);
  expect(await host.edge.waitFor("claim_failed")).toMatchObject({ code: "no_room" });
  host.edge.claim(newId("s"), 1, ["missing:1"]);
  expect(await host.edge.waitFor("claim_failed", 2)).toMatchObject({
    code: "image_missing",
    message: "This host has no image missing:1.",
  });
});

test("a session that is over for the edge is reaped", async () => {
  await host.start();
  const { session } = await claimUp();
  host.edge.forget(session);
  await waitUntil(async () => (await host.engine.listContainers()).length === 0, 5_000, "the end of the container");
  await waitUntil(async () => !(await recordExists(session)), 5_000, "the end of the record");
});

test("a container that ends by itself is started again three times, then given up and told as lost", async () => {
  await host.start();
  const held = await claimUp();
  for (let round = 1; round <= 4; round++) {
    await waitUntil(() => held.isAgentUp, 5_000, "the agent");
    const pid = await host.engine.pidOf(held.session);
    if (pid === null) throw new Error("no container");
    process.kill(pid, "SIGKILL");
    await waitUntil(() => !held.isAgentUp, 5_000, "the agent's loss");
  }
  expect(await held.waitFor("container_lost")).toEqual({
    type: "container_lost",
    message: "The container kept ending by itself.",
  });
  expect(await host.engine.listContainers()).toEqual([]);
  expect(await recordExists(held.session)).toBe(true);
  host.edge.forget(held.session);
  await waitUntil(async () => !(await recordExists(held.session)), 5_000, "the end of the record");
});

test("an agent of another version is replaced by the one that is here", async () => {
  await host.start();
  const held = await claimUp();
  const pid = await host.engine.pidOf(held.session);
  const socket = connect(join(await host.engine.openSocketDirectory(held.session), "agent.sock"));
  socket.write(encodeJsonFrame({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION - 1, terminals: [] }));
  await waitUntil(async () => (await host.engine.pidOf(held.session)) !== pid, 5_000, "another agent");
  await held.waitFor("agent", 3);
  await waitUntil(() => held.isAgentUp, 5_000, "the agent");
});

test("a container whose agent hangs is started again from its disk three times, then given up and told as lost", async () => {
  host.patience = { ...PATIENCE, agentMs: 1_000 };
  await host.start();
  const held = await claimUp();
  await writeFile(join(host.engine.workspaceOf(held.session), "work"), "mine");
  for (let round = 1; round <= 4; round++) {
    await waitUntil(() => held.isAgentUp, 5_000, "the agent");
    expect(await readFile(join(host.engine.workspaceOf(held.session), "work"), "utf8")).toBe("mine");
    process.kill((await host.engine.pidOf(held.session)) ?? 0, "SIGSTOP");
    await cutAgent(held.session);
    await waitUntil(() => !held.isAgentUp, 5_000, "the agent's loss");
  }
  expect(await held.waitFor("container_lost")).toEqual({
    type: "container_lost",
    message: "The container's agent did not answer any more.",
  });
  expect(await host.engine.listContainers()).toEqual([]);
});

test("a container whose agent comes back in time is left alone", async () => {
  host.patience = { ...PATIENCE, agentMs: 1_000 };
  await host.start();
  const held = await claimUp();
  const pid = await host.engine.pidOf(held.session);
  await cutAgent(held.session);
  await waitUntil(() => statesOf(held).length >= 5 && held.isAgentUp, 5_000, "the agent's return");
  const backAtMs = performance.now();
  await waitUntil(() => performance.now() - backAtMs > 1_500, 5_000, "more than the agent's time");
  expect(statesOf(held)).toEqual(["down", "up", "down", "up", "down", "up"].slice(-statesOf(held).length));
  expect(await host.engine.pidOf(held.session)).toBe(pid);
});

test("a container that cannot be made fails the claim when its time is up, in words for the learner", async () => {
  host.patience = { ...PATIENCE, startMs: 1_000 };
  await host.start();
  host.engine.failure = new Error("dial unix /run/containerd.sock: connection refused");
  const { session } = host.edge.claim(newId("s"), 1);
  expect(await host.edge.waitFor("claim_failed")).toEqual({
    type: "claim_failed",
    session,
    epoch: 1,
    code: "container_failed",
    message: "The runner host could not start your container.",
  });
});

test("an engine that is away for longer than four attempts take fails no claim", async () => {
  await host.start();
  host.engine.failure = new Error("connection refused");
  const held = host.edge.claim(newId("s"), 1);
  await waitUntil(() => host.engine.ensured > 4, 10_000, "the fifth attempt");
  host.engine.failure = null;
  await waitUntil(() => held.isAgentUp, 10_000, "the agent");
  expect(saidOf(held.session)).toEqual(["claimed 1"]);
});

test("a host that was stopped brings its containers back under the same epoch, and reaps what has no record", async () => {
  await host.start();
  const held = await claimUp();
  await writeFile(join(host.engine.workspaceOf(held.session), "work"), "mine");
  await host.stop();
  await host.engine.stopContainer(held.session);
  const orphan = newId("s");
  await host.engine.ensureContainer({ session: orphan, epoch: 1, images: [] });
  await host.start();
  await waitUntil(() => held.isAgentUp, 5_000, "the agent");
  expect(held.accepted).toBe(2);
  expect(await readFile(join(host.engine.workspaceOf(held.session), "work"), "utf8")).toBe("mine");
  await waitUntil(async () => (await host.engine.pidOf(orphan)) === null, 5_000, "the reaping");
});

test("a record that cannot be read does not keep the host from its other sessions", async () => {
  const records = join(host.config.stateDirectory, "sessions");
  await mkdir(records, { recursive: true });
  await writeFile(join(records, "torn.json"), '{"session":');
  await host.start();
  expect((await claimUp()).isConnected).toBe(true);
});

test("a starter is fetched once for all its sessions; one that is not there is answered with the reason", async () => {
  host.edge.starters.set(VERSION, [{ path: "a", mode: 0o644, contentBase64: "" }]);
  await host.start();
  for (let request = 1; request <= 2; request++) {
    const held = await claimUp();
    held.send({ type: "lay", request, version: VERSION });
    await held.waitFor("laid");
  }
  expect(host.edge.starterRequests).toBe(1);
  const held = await claimUp();
  held.send({ type: "lay", request: 9, version: "d".repeat(64) });
  expect(await held.waitFor("lay_failed")).toMatchObject({
    request: 9,
    message: "The edge answered 404 for the starter files.",
  });
});

test("a starter that this host cannot keep is laid all the same", async () => {
  host.edge.starters.set(VERSION, []);
  await host.start();
  const held = await claimUp();
  await writeFile(join(host.config.stateDirectory, "starters"), "in the way");
  held.send({ type: "lay", request: 1, version: VERSION });
  expect(await held.waitFor("laid")).toMatchObject({ request: 1, version: VERSION });
});

test("a claim that cannot be written down is refused at once with the reason, and taken when it can be", async () => {
  await host.start();
  const folder = join(host.config.stateDirectory, "sessions");
  await rm(folder, { recursive: true });
  await writeFile(folder, "in the way");
  const session = newId("s");
  host.edge.claim(session, 1);
  expect(await host.edge.waitFor("claim_failed")).toMatchObject({
    ...{ session, epoch: 1, code: "no_room" },
    message: "This runner host cannot take sessions now: its disk is full or cannot be written.",
  });
  expect(await host.engine.listTraces()).toEqual([]);
  await rm(folder);
  const held = host.edge.claim(session, 2);
  await waitUntil(() => held.isAgentUp, 10_000, "the agent");
});

test("a session that sends nonsense has its socket closed for it", async () => {
  await host.start();
  const held = await claimUp();
  held.sendRaw('{"type":"open"}');
  await waitUntil(() => held.closeCode !== null, 5_000, "the close");
  expect(held.closeCode).toBe(closeCodes.bad_message.code);
});

test("its health and figures can be read on loopback", async () => {
  const { httpPort } = await host.start();
  await claimUp();
  const health = await fetch(`http://127.0.0.1:${httpPort}/healthz`);
  expect([health.status, await health.json()]).toEqual([200, { status: "ok", sessions: 1 }]);
  const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  expect(metrics).toContain("berth_host_sessions 1");
  expect(metrics).toContain("berth_host_agents_connected 1");
  expect(metrics).toMatch(/berth_host_first_connect_seconds_count 1/);
});
