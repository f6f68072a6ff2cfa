// One end of a socket of the edge that can say anything: whole or broken, and hands on at once what it hears.

import { exports } from "cloudflare:workers";
import { type CloseName, readClose } from "#wire/close-codes.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import type { Learner } from "./learner.ts";
import type { ScriptedHost } from "./scripted-host.ts";
import { ORIGIN } from "./test-socket.ts";

export interface Ears {
  onText(text: string): void;
  onBytes(bytes: Uint8Array): void;
}

const DEADLINE_MS = 5_000;

export class WirePeer {
  readonly #socket: WebSocket;
  #closeCode: number | null = null;
  #wake: (() => void)[] = [];

  private constructor(socket: WebSocket, ears: Ears) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") ears.onText(data);
      else ears.onBytes(new Uint8Array(data));
      this.#notify();
    });
    socket.addEventListener("close", ({ code }) => {
      this.#closeCode = code;
      this.#notify();
    });
    socket.binaryType = "arraybuffer";
    socket.accept();
  }

  static async dial(path: string, headers: Readonly<Record<string, string>>, ears: Ears): Promise<WirePeer> {
    const response = await exports.default.fetch(`${ORIGIN}${path}`, { headers: { Upgrade: "websocket", ...headers } });
    if (response.webSocket === null) throw new Error(`The upgrade was answered with ${response.status}`);
    return new WirePeer(response.webSocket, ears);
  }

  static dialBrowser(learner: Learner, session: string, ears: Ears): Promise<WirePeer> {
    const headers = { Cookie: learner.cookie, Origin: ORIGIN, "Sec-WebSocket-Protocol": BROWSER_SUBPROTOCOL };
    return WirePeer.dial(`/ws/sessions/${session}`, headers, ears);
  }

  static dialData(host: ScriptedHost, ticket: string, ears: Ears): Promise<WirePeer> {
    return WirePeer.dial("/ws/runner/data", { ...host.authorization, "Berth-Ticket": ticket }, ears);
  }

  static dialControl(host: ScriptedHost, ears: Ears): Promise<WirePeer> {
    return WirePeer.dial("/ws/runner/control", host.authorization, ears);
  }

  get isOpen(): boolean {
    return this.#closeCode === null && this.#socket.readyState === WebSocket.OPEN;
  }

  /** What the edge closed it with, by name; `cut` is none of Berth's codes. Null while it is open. */
  get closeName(): CloseName | "cut" | null {
    return this.#closeCode === null ? null : readClose(this.#closeCode).name;
  }

  get closeCode(): number | null {
    return this.#closeCode;
  }

  send(words: string | Uint8Array): void {
    if (this.isOpen) this.#socket.send(words);
  }

  say(message: object): void {
    this.send(JSON.stringify(message));
  }

  close(): void {
    if (this.isOpen) this.#socket.close(1000);
  }

  /** Waits until `condition` holds; looks at it whenever something arrives here. A timer that is left would count against the runtime's limit. */
  async until(condition: () => boolean, what: string, withinMs = DEADLINE_MS): Promise<void> {
    let isOver = false;
    const deadline = setTimeout(() => {
      isOver = true;
      this.#notify();
    }, withinMs);
    try {
      while (!condition()) {
        if (isOver) throw new Error(`${what} did not come within ${withinMs} ms`);
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
