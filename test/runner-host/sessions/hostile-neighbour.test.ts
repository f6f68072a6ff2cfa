// Two sessions on one daemon: whatever the agent or the edge of one sends, the other keeps its echo.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { encodeJsonFrame, encodeTerminalFrame } from "../../../runner-host/agent/agent-frame.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const ECHOES = 25;
const ECHO_MS = 5_000;
const CHUNK_FRAMES = 2_000;
/** Given to send and not taken yet: enough that the flood never runs dry. */
const FLOOD_BYTES_AHEAD = 1024 * 1024;
const MUCH_BYTES = 96 * 1024 * 1024;

let host: DaemonUnderTest;
let flooder: StandInSession;
let neighbour: StandInSession;
let screen: TestTerminal;
beforeEach(async () => {
  host = await DaemonUnderTest.prepare();
  await host.start();
  [flooder, neighbour] = [host.edge.claim(newId("s"), 1), host.edge.claim(newId("s"), 1)];
  await waitUntil(() => flooder.isAgentUp && neighbour.isAgentUp, 10_000, "the agents");
  screen = new TestTerminal(0);
  neighbour.attach(1, screen);
  await waitUntil(() => /[$#] $/.test(screen.text), 10_000, "the neighbour's prompt");
  neighbour.type(1, "stty -echo; echo lis''tening; cat\n");
  await waitUntil(() => screen.text.includes("listening"), 10_000, "the neighbour's program");
});
afterEach(() => host.dispose());

/** The true agent is stopped, so that it does not come back. */
async function impersonate(): Promise<Socket> {
  process.kill((await host.engine.pidOf(flooder.session)) ?? 0, "SIGSTOP");
  const socket = connect(join(await host.engine.openSocketDirectory(flooder.session), "agent.sock"));
  socket.on("error", () => socket.destroy());
  await once(socket.resume(), "connect");
  const before = flooder.said.length;
  socket.write(encodeJsonFrame({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION, terminals: [] }));
  await waitUntil(() => flooder.said.length > before + 1 && flooder.isAgentUp, 5_000, "the intruder's turn");
  return socket;
}

/** Sends without end until `work` is done; answers how often. */
async function floodDuring(send: () => void, unsentBytes: () => number, work: () => Promise<void>): Promise<number> {
  const state = { isDone: false };
  let sent = 0;
  const flooding = (async () => {
    for (; !state.isDone; await nextTurn()) {
      if (unsentBytes() >= FLOOD_BYTES_AHEAD) continue;
      send();
      sent++;
    }
  })();
  await work().finally(() => {
    state.isDone = true;
  });
  await flooding;
  return sent;
}

async function echoOften(): Promise<void> {
  for (let i = 0; i < ECHOES; i++) {
    neighbour.type(1, `line ${i}.\n`);
    await waitUntil(() => screen.text.includes(`line ${i}.`), ECHO_MS, "the neighbour's echo");
  }
}

const stranger = { connection: 9, terminal: 7 };
const tiny = encodeRunnerFrame({ ...stranger, offset: 0, payload: new Uint8Array(1) });
const large = encodeRunnerFrame({ ...stranger, offset: 0, payload: new Uint8Array(limits.terminalFrameBytes) });
const floods: [string, Buffer, number][] = [
  ["messages", encodeJsonFrame({ type: "received", ...stranger, offset: 1 }), CHUNK_FRAMES],
  ["the smallest frames", encodeTerminalFrame(tiny), CHUNK_FRAMES],
  ["the largest frames", encodeTerminalFrame(large), CHUNK_FRAMES / 100],
];

test.for(floods)("an agent that sends %s without end leaves its neighbour's echo alone", async ([, frame, count]) => {
  const socket = await impersonate();
  const chunk = Buffer.concat(Array.from({ length: count }, () => frame));
  const sent = await floodDuring(
    () => socket.write(chunk),
    () => socket.writableLength,
    echoOften,
  );
  expect(sent * count).toBeGreaterThan(1_000);
  expect(socket.closed).toBe(false);
  expect(screen.faults).toEqual([]);
});

/** All that this process holds, as the daemon runs in it. */
function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("an agent that reads a byte at a time holds nobody up, and nothing piles up before it", async () => {
  const socket = await impersonate();
  socket.pause();
  const reading = setInterval(() => socket.read(1), 1_000);
  flooder.attach(1, new TestTerminal(0));
  const input = Buffer.from(
    encodeRunnerFrame({ connection: 1, terminal: 0, offset: 0, payload: new Uint8Array(limits.inputFrameBytes) }),
  );
  const before = heldBytes();
  let sentBytes = 0;
  await floodDuring(
    () => {
      flooder.sendRaw(input);
      sentBytes += input.length;
    },
    () => flooder.unsentBytes,
    async () => {
      await echoOften();
      await waitUntil(() => sentBytes > MUCH_BYTES, 15_000, "a flood");
    },
  );
  clearInterval(reading);
  await waitUntil(() => flooder.unsentBytes === 0, 10_000, "the daemon's reading of all that was sent");
  // What is left is what was not collected yet.
  expect(heldBytes() - before).toBeLessThan(sentBytes / 2);
  expect([socket.closed, screen.faults]).toEqual([false, []]);
});

test("an edge that says more than it may is cut, and its neighbour keeps its echo", async () => {
  const message = JSON.stringify({ type: "detach", connection: 9 });
  await floodDuring(
    () => {
      for (let i = 0; i < CHUNK_FRAMES; i++) flooder.sendRaw(message);
    },
    () => flooder.unsentBytes,
    async () => {
      await echoOften();
      await waitUntil(() => flooder.closeCode !== null, 10_000, "the cut");
    },
  );
  expect(flooder.closeCode).toBe(closeCodes.rate_exceeded.code);
  expect(screen.faults).toEqual([]);
});

test("an edge that asks and never reads the answers is cut, and its neighbour keeps its echo", async () => {
  const accepted = flooder.accepted;
  flooder.pause();
  const probe = JSON.stringify({ type: "mark", mark: Number.MAX_SAFE_INTEGER });
  await floodDuring(
    () => {
      if (flooder.accepted === accepted) for (let i = 0; i < 500; i++) flooder.sendRaw(probe);
    },
    () => flooder.unsentBytes,
    async () => {
      await echoOften();
      await waitUntil(() => flooder.accepted > accepted, 60_000, "the daemon's next dial");
    },
  );
  expect(screen.faults).toEqual([]);
}, 90_000);
