// What the edge says is parsed like anything else: what is not understood costs it the socket, and what it asks for is bounded and answered.

import { afterEach, beforeEach, expect, test } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { OPENS_PENDING_MAX } from "../../../runner-host/sessions/terminal-account.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

let host: DaemonUnderTest;
let session: StandInSession;
beforeEach(async () => {
  ({ host, session } = await DaemonUnderTest.withSession());
});
afterEach(() => host.dispose());

const input = (bytes: number, terminal = 0) =>
  Buffer.from(encodeRunnerFrame({ connection: 1, terminal, offset: 0, payload: new Uint8Array(bytes) }));
const text = (message: object) => JSON.stringify(message);
const MESSAGE_TOO_LARGE = 1009;
const NOT_UNDERSTOOD = closeCodes.bad_message.code;

const cases: [string, string | Buffer, number][] = [
  ["text that is not JSON", "{", NOT_UNDERSTOOD],
  ["an unknown message", text({ type: "shell" }), NOT_UNDERSTOOD],
  ["a message with more than it may have", text({ type: "detach", connection: 1, more: 1 }), NOT_UNDERSTOOD],
  ["a terminal that there cannot be", text({ type: "ack", connection: 1, terminal: 8, offset: 0 }), NOT_UNDERSTOOD],
  ["a viewer that stands for all", text({ type: "detach", connection: 0 }), NOT_UNDERSTOOD],
  ["an ack before the first byte", text({ type: "ack", connection: 1, terminal: 0, offset: -1 }), NOT_UNDERSTOOD],
  ["a size of nothing", text({ type: "resize", connection: 1, terminal: 0, cols: 0, rows: 1 }), NOT_UNDERSTOOD],
  ["what only a host says", text({ type: "read", mark: 1 }), NOT_UNDERSTOOD],
  ["a message that is too large", `"${"x".repeat(limits.runnerMessageBytes)}"`, MESSAGE_TOO_LARGE],
  ["an input frame without payload", input(1).subarray(0, -1), NOT_UNDERSTOOD],
  ["an input frame that is too large", input(limits.inputFrameBytes + 1), NOT_UNDERSTOOD],
  ["an input frame for a terminal that there cannot be", input(1, 8), NOT_UNDERSTOOD],
];

test.for(cases)("%s costs the edge its socket", async ([, bytes, code]) => {
  session.sendRaw(bytes);
  await waitUntil(() => session.closeCode !== null, 5_000, "the close");
  expect(session.closeCode).toBe(code);
});

test("what an edge says after it was refused is not heard, and the session goes on with its next socket", async () => {
  const terminal = new TestTerminal(0);
  session.attach(1, terminal);
  await waitUntil(() => terminal.isOpen, 5_000, "a terminal");
  session.sendRaw("{");
  session.sendRaw(text({ type: "close", connection: 1, terminal: 0, instance: terminal.instance }));
  await waitUntil(() => session.accepted === 2 && terminal.isOpen, 15_000, "the next socket");
  expect([terminal.instances.length, terminal.exitCode, terminal.faults]).toEqual([1, null, []]);
});

test("marks and probes are answered by the daemon though the agent hangs, and by the agent when it goes on", async () => {
  const pid = (await host.engine.pidOf(session.session)) ?? 0;
  process.kill(pid, "SIGSTOP");
  const before = session.said.length;
  session.send({ type: "probe", connection: 3, probe: 1, at: "container" });
  session.send({ type: "mark", mark: 4711 });
  session.send({ type: "probe", connection: 3, probe: 2, at: "host" });
  await waitUntil(() => session.said.length >= before + 2, 5_000, "the daemon's answers");
  process.kill(pid, "SIGCONT");
  await waitUntil(() => session.said.length >= before + 3, 5_000, "the agent's answer");
  expect(session.said.slice(before)).toEqual([
    { type: "read", mark: 4711 },
    { type: "probed", connection: 3, probe: 2, at: "host" },
    { type: "probed", connection: 3, probe: 1, at: "container" },
  ]);
});

test("opens that an agent does not answer are refused beyond a number, and answered when it goes on", async () => {
  const pid = (await host.engine.pidOf(session.session)) ?? 0;
  process.kill(pid, "SIGSTOP");
  const terminal = new TestTerminal(3);
  const openMessage = text({ ...Object(terminal.openMessage()), connection: 7 });
  for (let i = 0; i < OPENS_PENDING_MAX + 2; i++) session.sendRaw(openMessage);
  await session.waitFor("open_failed", 2);
  process.kill(pid, "SIGCONT");
  await session.waitFor("opened", OPENS_PENDING_MAX);
  session.sendRaw(openMessage);
  await session.waitFor("opened", OPENS_PENDING_MAX + 1);
  expect(session.said.filter(({ type }) => type === "open_failed")).toHaveLength(2);
});

test("a size is told to all that watch, as one of them claims it", async () => {
  const [first, second] = [new TestTerminal(0), new TestTerminal(0)];
  session.attach(1, first);
  await session.waitFor("opened");
  session.sendRaw(text({ ...Object(second.openMessage()), connection: 2, cols: 33, rows: 11, claimsSize: false }));
  expect(await session.waitFor("opened", 2)).not.toMatchObject({ cols: 33 });
  session.sendRaw(text({ ...Object(second.openMessage()), connection: 2, cols: 33, rows: 11, claimsSize: true }));
  expect(await session.waitFor("resized")).toEqual({ type: "resized", terminal: 0, cols: 33, rows: 11 });
  expect(await session.waitFor("opened", 3)).toMatchObject({ cols: 33, rows: 11 });
});
