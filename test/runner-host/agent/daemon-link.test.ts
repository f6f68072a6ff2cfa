// The agent gives its connection to the daemon up when nothing is heard, whatever it says itself.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { limits } from "#wire/limits.ts";
import { encodeJsonFrame } from "../../../runner-host/agent/agent-frame.ts";
import { DaemonLink } from "../../../runner-host/agent/daemon-link.ts";

const STEP_MS = limits.runnerSilenceMs / 4;

let directory: string;
let daemon: Server;
let link: DaemonLink;
let heard: PromiseWithResolvers<void>;
let accepted: Socket;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "berth-link-"));
  const path = join(directory, "agent.sock");
  daemon = createServer().listen(path);
  await once(daemon, "listening");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const connected = Promise.withResolvers<void>();
  link = new DaemonLink(path, {
    onConnect: () => connected.resolve(),
    onMessage: () => heard.resolve(),
    onInput: () => heard.resolve(),
    onDrain: () => undefined,
  });
  const connection: Promise<[Socket]> = new Promise((resolve) =>
    daemon.once("connection", (socket) => resolve([socket])),
  );
  link.dial();
  [accepted] = await connection;
  accepted.resume();
  await connected.promise;
});

afterEach(async () => {
  accepted.destroy();
  vi.useRealTimers();
  daemon.close();
  await rm(directory, { recursive: true });
});

it("when it speaks all the time and nothing comes back", { timeout: limits.runnerSilenceMs / 2 }, async () => {
  const isOver = once(accepted, "close");
  for (let step = 0; step < 4; step++) {
    const said = once(accepted, "data");
    link.send({ type: "pong" });
    await said;
    vi.advanceTimersByTime(STEP_MS);
  }
  await isOver;
  expect(accepted.destroyed).toBe(true);
});

it("but not while it hears something now and then", async () => {
  for (let step = 0; step < 8; step++) {
    heard = Promise.withResolvers();
    accepted.write(encodeJsonFrame({ type: "ping" }));
    await heard.promise;
    vi.advanceTimersByTime(STEP_MS);
  }
  const said = once(accepted, "data");
  link.send({ type: "pong" });
  await said;
  expect(accepted.destroyed).toBe(false);
});

it("but not when it slept itself and has not read yet what was said meanwhile", async () => {
  heard = Promise.withResolvers();
  // Between two polls of the sockets, as a timer is.
  await new Promise((resolve) => setImmediate(resolve));
  accepted.write(encodeJsonFrame({ type: "ping" }));
  vi.advanceTimersByTime(10 * limits.runnerSilenceMs);
  await heard.promise;
  const said = once(accepted, "data");
  link.send({ type: "pong" });
  await said;
  expect(accepted.destroyed).toBe(false);
});
