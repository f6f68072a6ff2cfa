// An agent belongs to the learner: whatever it sends costs it its connection at most, and nobody else anything.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AGENT_FRAME_JSON, AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { encodeJsonFrame, encodeTerminalFrame } from "../../../runner-host/agent/agent-frame.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const HELLO = encodeJsonFrame({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION, terminals: [] });
const INSTANCE = newId("t");
const SIZE = { cols: 80, rows: 24 };

let host: DaemonUnderTest;
let session: StandInSession;
beforeEach(async () => {
  ({ host, session } = await DaemonUnderTest.withSession());
});
afterEach(() => host.dispose());

async function dial(): Promise<Socket> {
  const socket = connect(join(await host.engine.openSocketDirectory(session.session), "agent.sock"));
  socket.on("error", () => socket.destroy());
  socket.resume();
  await once(socket, "connect");
  return socket;
}

function rawFrame(kind: number, payload: string): Buffer {
  const frame = Buffer.alloc(5 + payload.length);
  frame.writeUInt32BE(payload.length + 1, 0);
  frame.writeUInt8(kind, 4);
  frame.write(payload, 5);
  return frame;
}

const output = (offset: number, bytes: number, connection = 1) =>
  encodeTerminalFrame(encodeRunnerFrame({ connection, terminal: 0, offset, payload: new Uint8Array(bytes) }));

const cases: [string, Buffer][] = [
  ["bytes that are no frame", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["a frame of 8 MiB", Buffer.from([0, 0x80, 0, 0, 1])],
  ["a message before hello", encodeJsonFrame({ type: "pong" })],
  ["output before hello", output(0, 10)],

  [
    "hello with more terminals than there are",
    encodeJsonFrame({
      type: "hello",
      protocolVersion: AGENT_PROTOCOL_VERSION,
      terminals: Array.from({ length: limits.terminalsPerSession + 1 }, () => ({
        terminal: 0,
        instance: INSTANCE,
        exited: false,
      })),
    }),
  ],
  [
    "hello with thousands of terminals",
    encodeJsonFrame({
      type: "hello",
      protocolVersion: AGENT_PROTOCOL_VERSION,
      terminals: Array.from({ length: 5_000 }, (_, terminal) => ({ terminal, instance: INSTANCE, exited: false })),
    }),
  ],
  ["hello twice", Buffer.concat([HELLO, HELLO])],
  ["a pong without a ping", Buffer.concat([HELLO, encodeJsonFrame({ type: "pong" })])],
  ["text that is not JSON", Buffer.concat([HELLO, rawFrame(AGENT_FRAME_JSON, "{")])],
  ["an unknown message", Buffer.concat([HELLO, encodeJsonFrame({ type: "shell" })])],
  [
    "a message with more than it may have",
    Buffer.concat([HELLO, encodeJsonFrame({ type: "exited", terminal: 0, exitCode: 0, more: 1 })]),
  ],
  [
    "a pile of ends of a terminal",
    Buffer.concat([
      HELLO,
      ...Array.from({ length: 3 }, () => encodeJsonFrame({ type: "exited", terminal: 0, exitCode: 0 })),
    ]),
  ],
  ["a size that nobody asked for", Buffer.concat([HELLO, encodeJsonFrame({ type: "resized", terminal: 0, ...SIZE })])],
  [
    "the answer to a probe that nobody sent",
    Buffer.concat([HELLO, encodeJsonFrame({ type: "probed", connection: 1, probe: 1, at: "container" })]),
  ],
  [
    "an answer to a probe in the daemon's place",
    Buffer.concat([HELLO, encodeJsonFrame({ type: "probed", connection: 1, probe: 1, at: "host" })]),
  ],
  ["an unknown kind of frame", Buffer.concat([HELLO, rawFrame(9, "x")])],
  ["an output frame without payload", Buffer.concat([HELLO, rawFrame(AGENT_FRAME_TERMINAL, "123456789")])],
  ["an output frame that is too large", Buffer.concat([HELLO, output(0, limits.terminalFrameBytes + 1)])],
];

test.for(cases)("%s costs the agent its connection, and the true one comes back", async ([, bytes]) => {
  const socket = await dial();
  socket.write(bytes);
  await waitUntil(() => socket.closed, 5_000, "the cut");
  await waitUntil(() => session.isAgentUp, 5_000, "the true agent");
  const terminal = new TestTerminal(0);
  session.attach(1, terminal);
  await waitUntil(() => terminal.isOpen, 5_000, "a terminal");
});

/** Takes the place of the true agent, which is stopped so that it does not come back. */
async function impersonate(): Promise<Socket> {
  const pid = await host.engine.pidOf(session.session);
  if (pid !== null) process.kill(pid, "SIGSTOP");
  const before = session.said.length;
  const socket = await dial();
  socket.write(HELLO);
  await waitUntil(
    () => session.said.slice(before).some((said) => said.type === "agent" && said.state === "up"),
    5_000,
    "the intruder's turn",
  );
  return socket;
}

const event = (message: object) => encodeJsonFrame({ connection: 1, terminal: 0, ...message });
const opened = event({ type: "opened", instance: INSTANCE, offset: 0, end: 0, received: 0, ...SIZE });
const frames = (count: number, connection: number) =>
  Array.from({ length: count }, (_, i) => output(i * limits.terminalFrameBytes, limits.terminalFrameBytes, connection));
const WINDOW_FRAMES = limits.creditWindowBytes / limits.terminalFrameBytes;

/** What an agent says once a viewer has opened a terminal, and how far the viewer comes by it. */
const lies: [string, Buffer[], number][] = [
  ["more than the window for all", frames(WINDOW_FRAMES + 1, 0), limits.creditWindowBytes],
  ["more than the window for one", frames(WINDOW_FRAMES + 1, 1), limits.creditWindowBytes],
  ["a frame again", [output(0, 10), output(0, 10)], 10],
  ["frames in another order", [output(10, 10), output(0, 10)], 0],
  ["that it was opened, again and again", Array.from({ length: 50 }, () => opened), 0],
  ["that input was taken that nobody typed", [event({ type: "received", offset: 1 })], 0],
  ["that a viewer is behind that never was live", [event({ type: "behind", offset: 0 })], 0],
  [
    "that output is gone, on and on",
    Array.from({ length: 50 }, (_, i) => event({ type: "truncated", offset: i * 10 })),
    10,
  ],
];

test.for(lies)("an agent that says %s is cut", async ([, said, bytes]) => {
  const socket = await impersonate();
  const terminal = new TestTerminal(0);
  session.isDrawing = false;
  session.attach(1, terminal);
  const [request] = await once(socket, "data");
  expect(String(request)).toContain('"open"');
  socket.write(Buffer.concat([opened, ...said]));
  await waitUntil(() => socket.closed, 5_000, "the cut");
  await waitUntil(() => terminal.offset >= bytes, 5_000, "what came before");
  expect(terminal.offset).toBe(bytes);
});

test("frames and events for other connections and terminals reach nobody", async () => {
  const socket = await impersonate();
  const terminal = new TestTerminal(0);
  session.attach(1, terminal);
  await once(socket, "data");
  const before = session.said.length;
  const elsewhere = encodeTerminalFrame(
    encodeRunnerFrame({ connection: 0, terminal: 5, offset: 0, payload: new Uint8Array(10) }),
  );
  const strangers = [output(0, 10, 2), elsewhere, event({ type: "received", connection: 2, offset: 1 })];
  socket.write(Buffer.concat([opened, ...strangers, output(0, 5)]));
  await waitUntil(() => terminal.offset === 5, 5_000, "the viewer's own output");
  expect(session.said.slice(before).map(({ type }) => type)).toEqual(["opened"]);
  expect(socket.closed).toBe(false);
});

test("an agent that connects again and again does not keep the daemon from others", async () => {
  for (let i = 0; i < 60; i++) {
    const socket = await dial();
    socket.write(HELLO);
  }
  const other = host.edge.claim(newId("s"), 1);
  await waitUntil(() => other.isAgentUp, 5_000, "the other session's agent");
});

test("an agent that floods is read no faster than it may send", async () => {
  const socket = await impersonate();
  const stranger = event({ type: "received", connection: 9, offset: 1 });
  const startedAtMs = performance.now();
  socket.write(Buffer.concat([...Array.from({ length: 4_000 }, () => stranger), rawFrame(9, "the end")]));
  await waitUntil(() => socket.closed, 15_000, "the flood's end");
  expect(performance.now() - startedAtMs).toBeGreaterThan(1_000);
});

test("connections that come as fast as they are taken do not make the edge close the session's data socket", async () => {
  const before = session.said.length;
  const countChanges = () => session.said.slice(before).filter(({ type }) => type === "agent").length;
  const sockets: Socket[] = [];
  for (let count = 0; count < limits.agentChangesBurst; count++) {
    const known = countChanges();
    const socket = await dial();
    socket.write(HELLO);
    sockets.push(socket);
    await waitUntil(() => socket.closed || countChanges() > known, 5_000, "its being told or cut");
  }
  expect(countChanges()).toBeGreaterThan(0);
  expect(countChanges()).toBeLessThan(limits.agentChangesBurst);
  for (const socket of sockets) socket.destroy();
});
