// A server that sends anything to the page's socket: what is valid is handed on or answered, what is not ends the connection for a reload, and nothing is thrown.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { limits } from "#wire/limits.ts";
import { browserMessageSchema, edgeMessageSchema, PONG } from "#wire/terminal.ts";
import type { ConnectionState } from "../../../web/session/connection.ts";
import { SessionSocket } from "../../../web/session/session-socket.ts";
import { frameKinds, frameMakers } from "../../support/schema-fuzz-frames.ts";
import { MessageFuzz } from "../../support/schema-fuzz.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const STEPS = 300;

class ServerEnd {
  static last: ServerEnd | null = null;
  readonly heard: string[] = [];
  isClosed = false;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    ServerEnd.last = this;
  }

  send(words: string): void {
    this.heard.push(words);
  }

  close(): void {
    this.isClosed = true;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", ServerEnd);
  vi.stubGlobal("location", { href: "http://localhost/" });
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test.for(seedsFor(10))("seed %i: whatever the server sends, the page's socket hands on what is valid alone", (seed) => {
  const random = new SeededRandom(seed);
  const fuzz = new MessageFuzz(edgeMessageSchema, random);
  const states: ConnectionState[] = [];
  const handed: unknown[] = [];
  const socket = new SessionSocket(`s_${"a".repeat(26)}`, {
    connection: (state) => void states.push(state),
    message: (message) => void handed.push(edgeMessageSchema.parse(JSON.parse(JSON.stringify(message)))),
    output: (frame) => void handed.push(frame),
  });
  const words = { terminals: [0], offsets: [0], connections: null, payloadMaxBytes: limits.terminalFrameBytes };
  let refused = 0;
  socket.start();
  for (let step = 0; step < STEPS; step++) {
    if (states.at(-1)?.name === "over") socket.hurry();
    const server = ServerEnd.last;
    if (server === null) throw new Error("nothing was dialled");
    if (states.at(-1)?.name === "dialing") server.onopen?.();
    const before = [handed.length, server.heard.length];
    const frame = frameMakers[random.pick(frameKinds)](words, random);
    const text = random.chance(0.5) ? fuzz.text() : (fuzz.mutant() ?? "");
    const isText = random.chance(0.6);
    server.onmessage?.({ data: isText ? text : frame.buffer });
    const isTaken = handed.length + server.heard.length > (before[0] ?? 0) + (before[1] ?? 0);
    if (isText) expect(isTaken).toBe(fuzz.parse(text) !== null);
    for (const said of server.heard.splice(0)) browserMessageSchema.parse(JSON.parse(said));
    if (isTaken || (isText && text === PONG)) continue;
    refused++;
    expect([server.isClosed, states.at(-1)]).toEqual([true, expect.objectContaining({ name: "over", next: "reload" })]);
  }
  socket.stop();
  expect([refused > 0, handed.length > 0]).toEqual([true, true]);
  expect(vi.getTimerCount()).toBe(0);
});
