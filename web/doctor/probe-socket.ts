// A socket of the doctor's own, by the same rules as the page's: opens, asks one thing at a time, and waits so long and no longer.

import { limits } from "#wire/limits.ts";
import { PROBE_FRAME } from "#wire/terminal-frame.ts";
import { type BrowserMessage, type EdgeMessage, edgeMessageSchema, PING, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import type { BinaryAnswer, SocketAnswer } from "./measure.ts";

/** A refusal comes as an open socket that is closed at once, a welcome as its first message. */
const FIRST_WORD_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 3_000;
const NORMAL_CLOSE = 1000;

type Heard =
  | { name: "text"; text: string; message: EdgeMessage | null }
  | { name: "bytes"; bytes: Uint8Array }
  | { name: "closed"; code: number }
  | { name: "silence" };

function readMessage(text: string): EdgeMessage | null {
  try {
    return edgeMessageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export class ProbeSocket {
  readonly #socket: WebSocket;
  readonly #dialedAt = performance.now();
  readonly #listeners = new Set<(heard: Heard) => void>();
  #probe = 0;

  constructor(sessionId: string) {
    const address = new URL(`/ws/sessions/${sessionId}`, location.href.replace(/^http/, "ws"));
    this.#socket = new WebSocket(address, BROWSER_SUBPROTOCOL);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onclose = ({ code }) => this.#tell({ name: "closed", code });
    this.#socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data !== "string") return this.#tell({ name: "bytes", bytes: new Uint8Array(data) });
      const message = readMessage(data);
      if (message?.type === "mark") this.#send({ type: "read", mark: message.mark });
      this.#tell({ name: "text", text: data, message });
    };
  }

  /** How it opened, by the first that is heard. */
  async open(): Promise<SocketAnswer> {
    const heard = await this.#hear(FIRST_WORD_WITHIN_MS, () => true);
    const ms = performance.now() - this.#dialedAt;
    if (heard.name === "silence") return { name: "silent" };
    return heard.name === "closed" ? { name: "closed", code: heard.code, ms } : { name: "open", ms };
  }

  /** To the edge and back; null when nothing came in time. */
  async ping(): Promise<number | null> {
    const sentAt = performance.now();
    this.#socket.send(PING);
    const heard = await this.#hear(ANSWER_WITHIN_MS, (answer) => answer.name === "text" && answer.text === PONG);
    return heard.name === "text" ? performance.now() - sentAt : null;
  }

  async probe(at: "host" | "container"): Promise<number | null> {
    this.#probe += 1;
    const probe = this.#probe;
    const sentAt = performance.now();
    this.#send({ type: "probe", probe, at });
    const heard = await this.#hear(
      ANSWER_WITHIN_MS,
      ({ name, ...answer }) =>
        name === "text" && "message" in answer && answer.message?.type === "probed" && answer.message.probe === probe,
    );
    return heard.name === "text" ? performance.now() - sentAt : null;
  }

  async binary(): Promise<BinaryAnswer> {
    const sent = crypto.getRandomValues(new Uint8Array(limits.probeFrameBytes));
    sent[0] = PROBE_FRAME;
    this.#socket.send(sent);
    const heard = await this.#hear(ANSWER_WITHIN_MS, ({ name }) => name === "bytes");
    if (heard.name !== "bytes") return "lost";
    const { bytes } = heard;
    return bytes.length === sent.length && bytes.every((byte, at) => byte === sent[at]) ? "returned" : "changed";
  }

  close(): void {
    this.#socket.close(NORMAL_CLOSE);
  }

  #send(message: BrowserMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  #tell(heard: Heard): void {
    for (const listener of this.#listeners) listener(heard);
  }

  /** The first that `isMeant`, the socket's end, or silence. */
  #hear(withinMs: number, isMeant: (heard: Heard) => boolean): Promise<Heard> {
    if (this.#socket.readyState === WebSocket.CLOSED) return Promise.resolve({ name: "silence" });
    return new Promise((resolve) => {
      const finish = (heard: Heard) => {
        if (heard.name !== "closed" && heard.name !== "silence" && !isMeant(heard)) return;
        clearTimeout(timer);
        this.#listeners.delete(finish);
        resolve(heard);
      };
      const timer = setTimeout(() => finish({ name: "silence" }), withinMs);
      this.#listeners.add(finish);
    });
  }
}
