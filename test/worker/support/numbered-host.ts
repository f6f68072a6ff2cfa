// A daemon and an agent that keep to the protocol: they print bytes that are known by their offset, and check all that the object says to them.

import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { type Claim, type SessionDataMessage, sessionDataMessageSchema } from "#wire/runner.ts";
import { ALL_LIVE_VIEWERS, decodeRunnerFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { patternBytes } from "../../support/byte-pattern.ts";
import type { ScriptedHost } from "./scripted-host.ts";
import { WirePeer } from "./wire-peer.ts";

const FRAME_BYTES = 8 * 1024;
/** Less than a credit window in all: no viewer can be sent too much, whatever it acknowledges. */
const OUTPUT_BYTES_MAX = 256 * 1024;

type Message<Type> = Extract<SessionDataMessage, { type: Type }>;

export class NumberedHost {
  readonly faults: string[] = [];
  readonly instance = newId("t");
  readonly heard = new Map<string, number>();
  end = 0;
  #peer: WirePeer | null = null;
  #isLaid = false;

  /** Dials for the claim and makes the session ready. */
  async bringUp(host: ScriptedHost, claim: Claim): Promise<void> {
    const { session, epoch, ticket } = claim;
    const peer = await WirePeer.dialData(host, ticket, {
      onText: (text) => this.#take(sessionDataMessageSchema.parse(JSON.parse(text))),
      onBytes: (bytes) => this.#takeInput(bytes),
    });
    this.#peer = peer;
    peer.say({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, session, epoch });
    peer.say({ type: "agent", state: "up", terminals: [] });
    await peer.until(() => this.#isLaid, "the order to lay the starter");
  }

  get closeName(): string | null {
    return this.#peer?.closeName ?? null;
  }

  /** To all viewers of terminal 0. */
  print(bytes: number): void {
    if (this.end + bytes > OUTPUT_BYTES_MAX) throw new Error("more is printed than a window holds");
    this.#sendOutput(ALL_LIVE_VIEWERS, 0, this.end, this.end + bytes);
    this.end += bytes;
  }

  #say(message: object): void {
    this.#peer?.say(message);
  }

  #take(message: SessionDataMessage): void {
    this.heard.set(message.type, (this.heard.get(message.type) ?? 0) + 1);
    switch (message.type) {
      case "open":
        return this.#open(message);
      case "mark":
        return this.#say({ type: "read", mark: message.mark });
      case "probe":
        return this.#say({ ...message, type: "probed" });
      case "resize": {
        const { terminal, cols, rows } = message;
        return this.#say({ type: "resized", terminal, cols, rows });
      }
      case "lay":
        this.#isLaid = true;
        return this.#say({ type: "laid", request: message.request, version: message.version });
      default:
    }
  }

  #open({ connection, terminal, instance, offset, cols, rows }: Message<"open">): void {
    const end = terminal === 0 ? this.end : 0;
    const from = instance === this.instance && offset !== null && offset <= end ? offset : 0;
    const opened = { instance: this.instance, offset: from, end, received: 0, cols, rows };
    this.#say({ type: "opened", connection, terminal, ...opened });
    this.#sendOutput(connection, terminal, from, end);
  }

  #sendOutput(connection: number, terminal: number, from: number, to: number): void {
    for (let offset = from; offset < to; offset += FRAME_BYTES) {
      const payload = patternBytes(offset, Math.min(FRAME_BYTES, to - offset));
      this.#peer?.send(encodeRunnerFrame({ connection, terminal, offset, payload }));
    }
  }

  #takeInput(bytes: Uint8Array): void {
    const frame = decodeRunnerFrame(bytes, limits.inputFrameBytes);
    if (frame === null || frame.connection === ALL_LIVE_VIEWERS) {
      this.faults.push(`an input frame of ${bytes.length} bytes is malformed`);
      return;
    }
    const { connection, terminal, offset, payload } = frame;
    this.#say({ type: "received", connection, terminal, offset: offset + payload.length });
  }
}
