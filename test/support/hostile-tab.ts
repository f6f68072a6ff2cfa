// A signed-in browser that keeps to nothing: floods, lies, does not read, and comes back at once whenever it is closed.

import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { readClose } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { encodeBrowserFrame } from "#wire/terminal-frame.ts";
import { PING } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { TestUser } from "./test-user.ts";

const REDIAL_MS = 50;
const MISDEED_EVERY_MS = 5;
const DEAF_MS = 3_000;
const TERMINAL = 7;

export class HostileTab {
  readonly #user: TestUser;
  readonly #session: string;
  readonly #random: SeededRandom;
  readonly #client = crypto.randomUUID();
  /** How often it was closed, by the close code's name. */
  readonly closes = new Map<string, number>();
  #isLeaving = false;
  #socket: WebSocket | null = null;
  #misdeed: NodeJS.Timeout | undefined;

  constructor(user: TestUser, session: string, random: SeededRandom) {
    this.#user = user;
    this.#session = session;
    this.#random = random;
    this.#dial();
  }

  leave(): void {
    this.#isLeaving = true;
    clearInterval(this.#misdeed);
    this.#socket?.terminate();
  }

  #dial(): void {
    const { address, cookie } = this.#user;
    const url = `${address.replace(/^http/, "ws")}/ws/sessions/${this.#session}`;
    const socket = new WebSocket(url, BROWSER_SUBPROTOCOL, { headers: { cookie }, origin: address });
    this.#socket = socket;
    socket.on("open", () => {
      if (this.#random.chance(0.3)) this.#turnDeaf(socket);
      this.#misdeed = setInterval(() => this.#misbehave(socket), MISDEED_EVERY_MS);
      this.#open(socket);
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", (code) => {
      clearInterval(this.#misdeed);
      const { name } = readClose(code);
      this.closes.set(name, (this.closes.get(name) ?? 0) + 1);
      void delay(REDIAL_MS).then(() => this.#isLeaving || this.#dial());
    });
  }

  /** It would not even hear that it was closed: after a while it leaves without a word. */
  #turnDeaf(socket: WebSocket): void {
    socket.pause();
    void delay(this.#random.between(200, DEAF_MS)).then(() => socket.terminate());
  }

  #misbehave(socket: WebSocket): void {
    // What waits in this process is no burden to anybody else.
    if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > 4 * 1024 * 1024) return;
    const random = this.#random;
    const say = (message: unknown): void => socket.send(JSON.stringify(message));
    const often = (count: number, act: () => void): void => {
      for (let time = 0; time < count; time++) act();
    };
    // Most of it is within the grammar: what is not ends the connection at once.
    random.pick([
      () =>
        often(random.between(1, 400), () =>
          say({ type: "ack", terminal: TERMINAL, offset: random.between(0, 2 ** 31) }),
        ),
      () => often(random.between(1, 200), () => this.#resize(socket)),
      () => often(random.between(1, 50), () => this.#open(socket)),
      () => often(random.between(1, 20), () => this.#type(socket)),
      () => often(random.between(1, 400), () => socket.send(PING)),
      () => often(random.between(1, 300), () => say({ type: "probe", probe: random.between(1, 9), at: "container" })),
      () => often(random.between(1, 50), () => socket.send(Buffer.alloc(limits.probeFrameBytes, 255))),
      () => say({ type: "read", mark: random.between(1, 2 ** 31) }),
      () => random.chance(0.1) && socket.send(Buffer.alloc(random.between(1, 40_000), random.between(0, 255))),
      () => random.chance(0.1) && socket.send("x".repeat(random.between(1, 2 * limits.browserMessageBytes))),
      () => random.chance(0.1) && say({ type: "open", terminal: -1 }),
    ])();
  }

  #open(socket: WebSocket): void {
    const size = { cols: this.#random.between(1, 1000), rows: this.#random.between(1, 1000), claimsSize: true };
    const from = { client: this.#client, instance: null, offset: null };
    socket.send(JSON.stringify({ type: "open", terminal: TERMINAL, ...size, ...from }));
  }

  #resize(socket: WebSocket): void {
    const size = { cols: this.#random.between(1, 1000), rows: this.#random.between(1, 1000) };
    socket.send(JSON.stringify({ type: "resize", terminal: TERMINAL, ...size }));
  }

  /** Input at any offset: a repeat, a gap, or what its shell is to read next. */
  #type(socket: WebSocket): void {
    const offset = this.#random.between(0, 3) * limits.inputFrameBytes;
    const payload = Buffer.alloc(limits.inputFrameBytes, "#");
    socket.send(encodeBrowserFrame({ terminal: TERMINAL, offset, payload }));
  }
}
