// A connection of an agent is kept while it answers, and read in turns.

import { once } from "node:events";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { limits } from "#wire/limits.ts";
import { encodeJsonFrame } from "../../../runner-host/agent/agent-frame.ts";
import { AgentConnection, FRAMES_PER_TURN, PONGS_DUE_MAX } from "../../../runner-host/sessions/agent-connection.ts";

let socket: Socket;
let heard: string[];
let reason: string | null;
let uses: number;
beforeEach(() => {
  vi.useFakeTimers();
  [heard, reason, uses] = [[], null, 0];
  // Not connected: what it is given to send waits, what it receives a test emits.
  socket = new Socket();
  connection = new AgentConnection(socket, {
    onMessage: ({ type }) => heard.push(type),
    onOutput: () => undefined,
    onUse: () => (uses += 1),
    onDrain: () => undefined,
    onClose: (why) => {
      reason = why;
    },
  });
});
afterEach(() => {
  socket.destroy();
  vi.useRealTimers();
});
let connection: AgentConnection;

const receive = (...messages: object[]) => socket.emit("data", Buffer.concat(messages.map(encodeJsonFrame)));
const EXITED = { type: "exited", terminal: 0, exitCode: 0 };

test("an agent that says nothing for too long is cut", async () => {
  vi.advanceTimersByTime(limits.runnerSilenceMs + limits.runnerPingEveryMs);
  await once(socket, "close");
  expect(reason).toBe("Nothing was heard for too long.");
});

test("an agent that talks and answers no ping is cut after so many", async () => {
  for (let ping = 1; ping <= PONGS_DUE_MAX; ping++) {
    receive(EXITED);
    vi.advanceTimersByTime(limits.runnerPingEveryMs);
    expect([connection.pongsDue, socket.destroyed]).toEqual([ping, false]);
  }
  receive(EXITED);
  vi.advanceTimersByTime(limits.runnerPingEveryMs);
  await once(socket, "close");
  expect(reason).toBe("No ping was answered for too long.");
});

test("an agent that answers is kept", () => {
  for (let ping = 1; ping <= 2 * PONGS_DUE_MAX; ping++) {
    vi.advanceTimersByTime(limits.runnerPingEveryMs);
    receive({ type: "pong" });
  }
  expect(socket.destroyed).toBe(false);
});

test("of many frames that come at once a few are taken, then others have their turn", () => {
  receive(...Array.from({ length: 2 * FRAMES_PER_TURN + 5 }, () => EXITED));
  expect([heard.length, socket.isPaused()]).toEqual([FRAMES_PER_TURN, true]);
  vi.advanceTimersByTime(0);
  expect(heard.length).toBe(2 * FRAMES_PER_TURN);
  vi.advanceTimersByTime(1);
  expect([heard.length, socket.isPaused()]).toEqual([2 * FRAMES_PER_TURN + 5, false]);
});

test("an agent whose frames go to many viewers is heard the less often", () => {
  connection.charge(20_000);
  receive(EXITED);
  expect([heard.length, socket.isPaused()]).toEqual([0, true]);
  vi.advanceTimersByTime(3_000);
  expect([heard.length, socket.isPaused()]).toEqual([1, false]);
});
