// Owns the framing of the agent socket: length-prefixed frames of JSON or terminal bytes, built for sending and split on receipt.

import { AGENT_FRAME_JSON, AGENT_FRAME_PREFIX_BYTES, AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import { limits } from "#wire/limits.ts";
import { RUNNER_FRAME_HEADER_BYTES, type RunnerFrame } from "#wire/terminal-frame.ts";

const LENGTH_BYTES = 4;

export type AgentFrame = { kind: number; payload: Buffer };

function startFrame(kind: number, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(AGENT_FRAME_PREFIX_BYTES + payloadBytes);
  frame.writeUInt32BE(payloadBytes + 1, 0);
  frame.writeUInt8(kind, LENGTH_BYTES);
  return frame;
}

export function encodeJsonFrame(message: unknown): Buffer {
  const text = JSON.stringify(message);
  const frame = startFrame(AGENT_FRAME_JSON, Buffer.byteLength(text));
  frame.write(text, AGENT_FRAME_PREFIX_BYTES);
  return frame;
}

/** Wraps a runner frame that is already encoded. */
export function encodeTerminalFrame(runnerFrame: Uint8Array): Buffer {
  const frame = startFrame(AGENT_FRAME_TERMINAL, runnerFrame.length);
  frame.set(runnerFrame, AGENT_FRAME_PREFIX_BYTES);
  return frame;
}

/** Builds a terminal frame in one piece: the payload is copied once. */
export function encodeOutputFrame({ connection, terminal, offset, payload }: RunnerFrame): Buffer {
  const frame = startFrame(AGENT_FRAME_TERMINAL, RUNNER_FRAME_HEADER_BYTES + payload.length);
  let at = frame.writeUInt16BE(connection, AGENT_FRAME_PREFIX_BYTES);
  at = frame.writeUInt8(terminal, at);
  at = frame.writeUIntBE(offset, at, 6);
  frame.set(payload, at);
  return frame;
}

/** Raised for bytes that can never become a frame; the connection is of no further use. */
export class BrokenFramingError extends Error {
  override readonly name = "BrokenFramingError";
}

/** Cuts a byte stream into frames; keeps at most one frame of limits.agentFrameBytes. */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(frameBytesMax: number = limits.agentFrameBytes) {
    this.#frameBytesMax = frameBytesMax;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Whether a whole frame has come. Throws BrokenFramingError on a length out of bounds. */
  hasNext(): boolean {
    return this.#nextLength() !== null;
  }

  /** The kind of the next whole frame, or null. Throws BrokenFramingError on a length out of bounds. */
  nextKind(): number | null {
    return this.#nextLength() === null ? null : this.#head(AGENT_FRAME_PREFIX_BYTES).readUInt8(LENGTH_BYTES);
  }

  /** The next whole frame or null; its payload is a view into received memory. Throws BrokenFramingError on a length out of bounds. */
  next(): AgentFrame | null {
    const length = this.#nextLength();
    if (length === null) return null;
    const frame = this.#head(LENGTH_BYTES + length);
    this.#drop(LENGTH_BYTES + length);
    return {
      kind: frame.readUInt8(LENGTH_BYTES),
      payload: frame.subarray(AGENT_FRAME_PREFIX_BYTES, LENGTH_BYTES + length),
    };
  }

  #nextLength(): number | null {
    if (this.#bytes < AGENT_FRAME_PREFIX_BYTES) return null;
    const length = this.#head(LENGTH_BYTES).readUInt32BE(0);
    if (length < 2 || length > this.#frameBytesMax)
      throw new BrokenFramingError(`A frame of ${length} bytes was announced.`);
    return this.#bytes < LENGTH_BYTES + length ? null : length;
  }

  /** A buffer that starts with the first `bytes` received ones; joins chunks only when they are spread. */
  #head(bytes: number): Buffer {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= bytes) return first;
    const joined: Buffer[] = [];
    let joinedBytes = 0;
    while (joinedBytes < bytes) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) break;
      joined.push(chunk);
      joinedBytes += chunk.length;
    }
    const head = Buffer.concat(joined, joinedBytes);
    this.#chunks.unshift(head);
    return head;
  }

  #drop(bytes: number): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    if (first.length === bytes) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes);
    this.#bytes -= bytes;
  }
}
