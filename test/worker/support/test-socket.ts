// A socket of a test: keeps what arrives in order and waits for what is expected, with a deadline.

import { exports } from "cloudflare:workers";

export const ORIGIN = "http://localhost";
const DEADLINE_MS = 3_000;

export type Arrived = { text: string } | { bytes: Uint8Array } | { closeCode: number };

export class TestSocket {
  readonly #socket: WebSocket;
  readonly #arrived: Arrived[] = [];
  #wake: (() => void) | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#note(typeof data === "string" ? { text: data } : { bytes: new Uint8Array(data) });
    });
    socket.addEventListener("close", ({ code }) => this.#note({ closeCode: code }));
    socket.binaryType = "arraybuffer";
    socket.accept();
  }

  static async open(path: string, headers: Readonly<Record<string, string>>): Promise<TestSocket> {
    const response = await exports.default.fetch(`${ORIGIN}${path}`, { headers: { Upgrade: "websocket", ...headers } });
    if (response.webSocket === null) throw new Error(`The upgrade was answered with ${response.status}`);
    return new TestSocket(response.webSocket);
  }

  say(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** The first message of this type that has not been taken yet; what came before it is passed over. */
  async hear<M extends { type: string }>(type: string, matches: (message: M) => boolean = () => true): Promise<M> {
    const [message] = await this.#take(`a "${type}" message`, (arrived) => {
      if (!("text" in arrived) || arrived.text === "pong") return [];
      const parsed: M = JSON.parse(arrived.text);
      return parsed.type === type && matches(parsed) ? [parsed] : [];
    });
    if (message === undefined) throw new Error("unreachable");
    return message;
  }

  async hearBytes(): Promise<Uint8Array> {
    const [bytes] = await this.#take("bytes", (arrived) => ("bytes" in arrived ? [arrived.bytes] : []));
    return bytes ?? new Uint8Array();
  }

  /** `isNext`: nothing else may have come before it. */
  async hearText(text: string, { isNext = false } = {}): Promise<void> {
    await this.#take(`the text ${text}`, (arrived) => {
      if ("text" in arrived && arrived.text === text) return [true];
      if (isNext) throw new Error(`Before the text ${text} came ${JSON.stringify(arrived)}`);
      return [];
    });
  }

  async closeCode(): Promise<number> {
    const [code] = await this.#take("the close", (arrived) => ("closeCode" in arrived ? [arrived.closeCode] : []));
    return code ?? 0;
  }

  /** What has arrived and was not taken. */
  get left(): readonly Arrived[] {
    return this.#arrived;
  }

  async #take<T>(what: string, read: (arrived: Arrived) => T[]): Promise<T[]> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      for (const [index, arrived] of this.#arrived.entries()) {
        const found = read(arrived);
        if (found.length === 0) continue;
        this.#arrived.splice(0, index + 1);
        return found;
      }
      if (deadline.aborted) {
        const left = this.#arrived.map((one) => ("bytes" in one ? `${one.bytes.length} bytes` : JSON.stringify(one)));
        throw new Error(`No ${what} came in time; there was ${left.join(", ") || "nothing"}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  #note(arrived: Arrived): void {
    this.#arrived.push(arrived);
    this.#wake?.();
  }
}
