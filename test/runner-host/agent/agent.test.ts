// The bundled agent as a process of its own, with real shells on real PTYs, over a real socket.

import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { AgentUnderTest } from "../../support/agent-under-test.ts";
import { findForeignByte, patternBytes } from "../../support/byte-pattern.ts";
import { waitUntil } from "../../support/wait-until.ts";

let agent: AgentUnderTest;
beforeEach(async () => {
  agent = await AgentUnderTest.start();
  await agent.waitFor("hello");
});
afterEach(() => agent.dispose());

const PROMPT = /[$#] $/;

async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

test("says hello with its terminals, answers pings, and dials again after a cut with the same shell", async () => {
  expect(await agent.waitFor("hello")).toEqual({
    type: "hello",
    protocolVersion: AGENT_PROTOCOL_VERSION,
    terminals: [],
  });
  agent.send({ type: "ping" });
  await agent.waitFor("pong");
  agent.open();
  const { instance } = await agent.waitFor("opened");
  await agent.waitForText(PROMPT);
  agent.type(0, "x=kept\n");
  await agent.waitFor("received");
  agent.cut();
  expect(await agent.waitFor("hello", 2)).toMatchObject({ terminals: [{ terminal: 0, instance, exited: false }] });
  agent.open({ instance, offset: agent.output.length });
  expect(await agent.waitFor("opened", 2)).toMatchObject({ instance, received: 7 });
  agent.type(0, "x=kept\n");
  agent.type(7, 'echo "<$x>"\n');
  await agent.waitForText(/<kept>/);
});

test("goes by its own name where processes are listed, and keeps its command line", async () => {
  expect(await readFile(`/proc/${agent.pid}/comm`, "utf8")).toBe("berth-agent\n");
  expect(await readFile(`/proc/${agent.pid}/cmdline`, "utf8")).toContain("agent.js");
});

test("a shell starts in the workspace with the terminal's environment, its size, and no file of the agent open", async () => {
  agent.open({ cols: 91, rows: 33 });
  await agent.waitForText(PROMPT);
  agent.type(
    0,
    'echo "[$PWD|$TERM|$COLORTERM|$LANG|$(printenv BERTH_AGENT_SOCKET || echo unset)|$(stty size)|$0]"; ls -l /proc/$$/fd; echo listed=all\n',
  );
  const [, found] = await agent.waitForText(/\r\[(\/.+?)\]/);
  expect(found).toBe(`${agent.workspace}|xterm-256color|truecolor|C.UTF-8|unset|33 91|/bin/bash`);
  await agent.waitForText(/\nlisted=all\r\n/);
  expect(agent.text).toMatch(/0 -> \/dev\/pts\/\d+/);
  expect(agent.text).not.toMatch(/-> .*(socket:|ptmx)/);
  agent.send({ type: "resize", connection: 1, terminal: 0, cols: 40, rows: 10 });
  agent.type((await agent.waitFor("received")).offset, "echo size=$(stty size)\n");
  await agent.waitForText(/size=10 40/);
});

test("bytes pass as they are both ways, all 256 values and cut characters too", async () => {
  agent.open();
  await agent.waitForText(PROMPT);
  const count = 300_000;
  const command = `stty raw -echo; echo ready; head -c ${count} > got; echo; cat got; stty sane\n`;
  agent.type(0, command);
  await agent.waitForText(/ready\n/);
  const at = agent.output.length;
  let offset = command.length;
  const bytes = patternBytes(0, count);
  for (let sent = 0; sent < count;) {
    const piece = bytes.subarray(sent, sent + limits.inputFrameBytes);
    agent.type(offset, piece);
    offset += piece.length;
    sent += piece.length;
    await waitUntil(() => (agent.all("received").at(-1)?.offset ?? 0) >= offset, 10_000, "the input to be taken");
  }
  await waitUntil(() => agent.output.length >= at + count + 1, 10_000, "the bytes to come back");
  expect(findForeignByte(0, await readFile(join(agent.workspace, "got")))).toBe(-1);
  expect(findForeignByte(0, agent.output.subarray(at + 1, at + 1 + count))).toBe(-1);
});

test("input that a program does not read is bounded, and all of it arrives once it reads", async () => {
  agent.open();
  await agent.waitForText(PROMPT);
  const command = "stty raw -echo; echo ready; sleep 1.5; head -c 400000 | md5sum\n";
  agent.type(0, command);
  await agent.waitForText(/ready\n/);
  const bytes = Buffer.alloc(400_000, "x");
  const start = command.length;
  const send = (from: number) => {
    for (let at = from; at < bytes.length; at += limits.inputFrameBytes)
      agent.type(start + at, bytes.subarray(at, at + limits.inputFrameBytes));
  };
  send(0);
  await waitUntil(
    () => (agent.all("received").at(-1)?.offset ?? 0) > start + limits.pendingInputBytes,
    5_000,
    "the bound",
  );
  agent.send({ type: "ping" });
  await agent.waitFor("pong");
  const bound = agent.all("received").at(-1)?.offset ?? 0;
  expect(bound).toBeLessThan(start + bytes.length);
  const told = agent.all("received").length;
  await agent.waitFor("received", told + 1);
  send((agent.all("received").at(-1)?.offset ?? 0) - start);
  await agent.waitForText(/[0-9a-f]{32} {2}-/);
  expect(agent.text).toContain(createHash("md5").update(bytes).digest("hex"));
});

test("a held program loses nothing, not even its last words before it exits", async () => {
  agent.open();
  await agent.waitForText(PROMPT);
  agent.isDrawing = false;
  const acked = agent.output.length;
  agent.type(0, "seq 1 400000; exit 5\n");
  await waitUntil(() => agent.output.length >= limits.creditWindowBytes - 1_000, 10_000, "the window to fill");
  agent.send({ type: "ping" });
  await agent.waitFor("pong");
  expect(agent.output.length).toBeLessThanOrEqual(acked + limits.creditWindowBytes);
  expect(agent.all("exited")).toEqual([]);
  agent.isDrawing = true;
  agent.send({ type: "ack", connection: 1, terminal: 0, offset: agent.output.length });
  expect(await agent.waitFor("exited")).toMatchObject({ terminal: 0, exitCode: 5 });
  const numbers = agent.text.split("\r\n").filter((line) => /^\d+$/.test(line));
  expect(numbers.length).toBeGreaterThanOrEqual(399_999);
  expect(numbers.at(-1)).toBe("400000");
});

test("an exited terminal can be read until it is closed, and then starts anew", async () => {
  agent.open();
  const { instance } = await agent.waitFor("opened");
  await agent.waitForText(PROMPT);
  agent.type(0, "kill -9 $$\n");
  expect(await agent.waitFor("exited")).toEqual({ type: "exited", terminal: 0, exitCode: 137 });
  agent.open({ connection: 2 });
  expect(await agent.waitFor("opened", 2)).toMatchObject({ instance, offset: 0 });
  agent.send({ type: "close", connection: 1, terminal: 0, instance });
  agent.output = Buffer.alloc(0);
  agent.open();
  const opened = await agent.waitFor("opened", 3);
  expect(opened).toMatchObject({ offset: 0, end: 0, received: 0 });
  expect(opened.instance).not.toBe(instance);
});

test("closing hangs up the shell and what runs in it", async () => {
  agent.open();
  const { instance } = await agent.waitFor("opened");
  await agent.waitForText(PROMPT);
  agent.type(0, "sleep 1000 & echo pids=$$,$!.; sleep 1000\n");
  const [, shell, job] = await agent.waitForText(/pids=(\d+),(\d+)\./);
  agent.send({ type: "close", connection: 1, terminal: 0, instance });
  await agent.waitFor("exited");
  await waitUntil(
    async () => !(await runs(Number(shell))) && !(await runs(Number(job))),
    5_000,
    "the end of the processes",
  );
});

test("a workspace that is gone ends the shell with its reason on screen", async () => {
  await rm(agent.workspace, { recursive: true });
  agent.open({ terminal: 3 });
  expect(await agent.waitFor("exited")).toEqual({ type: "exited", terminal: 3, exitCode: 1 });
  expect(agent.text).toContain("chdir");
});

test("starters are laid one after another and answered by request", async () => {
  const version = "b".repeat(64);
  const bundle = [{ path: "a.txt", mode: 0o644 as const, contentBase64: Buffer.from("one").toString("base64") }];
  agent.send({ type: "lay", request: 7, version, bundle });
  agent.send({
    type: "lay",
    request: 8,
    version,
    bundle: [...bundle, { path: "a.txt/b", mode: 0o644, contentBase64: "" }],
  });
  expect(await agent.waitFor("laid")).toEqual({ type: "laid", request: 7, version });
  expect(await agent.waitFor("lay_failed")).toMatchObject({ request: 8, version });
  expect(await readFile(join(agent.workspace, "a.txt"), "utf8")).toBe("one");
});
