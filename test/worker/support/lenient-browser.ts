// A browser that keeps to the protocol and believes what it is sent, as long as it is valid: it watches two terminals of a host that is not to be trusted.

import { limits } from "#wire/limits.ts";
import { decodeBrowserFrame } from "#wire/terminal-frame.ts";
import { type EdgeMessage, edgeMessageSchema } from "#wire/terminal.ts";
import type { Learner } from "./learner.ts";
import { WirePeer } from "./wire-peer.ts";

const TERMINALS = [0, 1];

export class LenientBrowser {
  readonly faults: string[] = [];
  readonly heard = new Map<string, number>();
  readonly #client = crypto.randomUUID();
  #peer: WirePeer | null = null;

  static async watch(learner: Learner, session: string): Promise<LenientBrowser> {
    const browser = new LenientBrowser();
    browser.#peer = await WirePeer.dialBrowser(learner, session, {
      onText: (text) => browser.#hear(text),
      onBytes: (bytes) => browser.#takeOutput(bytes),
    });
    browser.openAll();
    return browser;
  }

  get closeName(): string | null {
    return this.#peer?.closeName ?? null;
  }

  openAll(): void {
    const shown = { client: this.#client, instance: null, offset: null };
    for (const terminal of TERMINALS)
      this.#peer?.say({ type: "open", terminal, cols: 80, rows: 24, claimsSize: true, ...shown });
  }

  #hear(text: string): void {
    const parsed = edgeMessageSchema.safeParse(JSON.parse(text));
    if (parsed.success) this.#take(parsed.data);
    else this.faults.push(`not valid: ${text.slice(0, 200)}`);
  }

  #take(message: EdgeMessage): void {
    this.heard.set(message.type, (this.heard.get(message.type) ?? 0) + 1);
    if (message.type === "mark") this.#peer?.say({ type: "read", mark: message.mark });
    else if (message.type === "reattach") this.openAll();
  }

  #takeOutput(bytes: Uint8Array): void {
    const frame = decodeBrowserFrame(bytes, limits.terminalFrameBytes);
    if (frame === null) return void this.faults.push(`a frame of ${bytes.length} bytes is malformed`);
    this.heard.set("output", (this.heard.get("output") ?? 0) + 1);
    this.#peer?.say({ type: "ack", terminal: frame.terminal, offset: frame.offset + frame.payload.length });
  }
}
