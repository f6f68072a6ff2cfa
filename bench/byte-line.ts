// The least a client needs to time a terminal: bytes out, bytes in, no screen. One for Berth's protocol, one for the peer's bare bytes.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { limits } from "#wire/limits.ts";
import { sessionSchema } from "#wire/session.ts";
import { decodeBrowserFrame, encodeBrowserFrame } from "#wire/terminal-frame.ts";
import { edgeMessageSchema, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import type { TestUser } from "../test/support/test-user.ts";

const DEADLINE_MS = 30_000;

export interface ByteLine {
  type(text: string): void;
  /** Resolves at the next output whose text since the last `expect` matches. Ask before typing. */
  expect(pattern: RegExp): Promise<void>;
  close(): void;
}

class Expectation {
  #seen = "";
  #waiting: { pattern: RegExp; resolve: () => void } | null = null;

  next(pattern: RegExp): Promise<void> {
    this.#seen = "";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no output like ${pattern}; got ${JSON.stringify(this.#seen)}`)),
      DEADLINE_MS,
    );
    this.#waiting = { pattern, resolve: () => [clearTimeout(timer), resolve()] };
    return promise;
  }

  take(bytes: Uint8Array): void {
    this.#seen += Buffer.from(bytes).toString("latin1");
    if (this.#waiting?.pattern.test(this.#seen)) {
      this.#waiting.resolve();
      this.#waiting = null;
    }
  }
}

/** Connects at once, opens terminal 0 as soon as the session is ready, and resolves at its first output byte. */
export async function openBerthLine(user: TestUser, session: string): Promise<ByteLine> {
  const socket = new WebSocket(`${user.address.replace(/^http/, "ws")}/ws/sessions/${session}`, BROWSER_SUBPROTOCOL, {
    headers: { cookie: user.cookie },
    origin: user.address,
  });
  const expectation = new Expectation();
  const isFirst = expectation.next(/[\s\S]/);
  const client = randomUUID();
  let hasOpened = false;
  let typed = 0;
  let drawn = 0;
  let acknowledged = 0;
  socket.on("message", (bytes: Buffer, isBinary) => {
    if (isBinary) {
      const frame = decodeBrowserFrame(bytes, limits.terminalFrameBytes);
      if (frame === null) throw new Error("the edge sent a frame that is none");
      drawn = frame.offset + frame.payload.length;
      if (drawn - acknowledged >= limits.ackEveryBytes) {
        acknowledged = drawn;
        socket.send(JSON.stringify({ type: "ack", terminal: 0, offset: drawn }));
      }
      expectation.take(frame.payload);
      return;
    }
    const text = bytes.toString();
    if (text === PONG || hasOpened) return;
    const message = edgeMessageSchema.parse(JSON.parse(text));
    if (message.type !== "session" || sessionSchema.parse(message.session).state !== "ready") return;
    hasOpened = true;
    socket.send(
      JSON.stringify({ type: "open", terminal: 0, cols: 80, rows: 24, client, instance: null, offset: null }),
    );
  });
  await isFirst;
  return {
    type(text) {
      const payload = Buffer.from(text);
      socket.send(encodeBrowserFrame({ terminal: 0, offset: typed, payload }));
      typed += payload.length;
    },
    expect: (pattern) => expectation.next(pattern),
    close: () => socket.terminate(),
  };
}

/** A socket whose frames are terminal bytes and nothing else. */
export async function openPeerLine(address: string): Promise<ByteLine> {
  const socket = new WebSocket(address);
  const expectation = new Expectation();
  socket.on("message", (bytes: Buffer) => expectation.take(bytes));
  await once(socket, "open");
  return {
    type: (text) => socket.send(Buffer.from(text)),
    expect: (pattern) => expectation.next(pattern),
    close: () => socket.terminate(),
  };
}
