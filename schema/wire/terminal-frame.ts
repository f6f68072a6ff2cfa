// The binary terminal frames: `[terminal u8][offset u48]` to and from browsers, with `[connection u16]` before it on runner and agent legs.

import { limits } from "./limits.ts";

/** Bytes before the payload of a browser frame. */
export const BROWSER_FRAME_HEADER_BYTES = 7;
/** Bytes before the payload of a runner or agent frame: a browser frame behind a connection number. */
export const RUNNER_FRAME_HEADER_BYTES = 9;
/** Connection number that addresses all live viewers of a terminal. */
export const ALL_LIVE_VIEWERS = 0;

/** First byte of a binary frame that is no terminal's: the edge returns it as it came, which shows that binary frames pass both ways. */
export const PROBE_FRAME = 255;

export type BrowserFrame = { terminal: number; offset: number; payload: Uint8Array };
export type RunnerFrame = BrowserFrame & { connection: number };

function readHeader(frame: Uint8Array, at: number): { terminal: number; offset: number } {
  const view = new DataView(frame.buffer, frame.byteOffset + at);
  return { terminal: view.getUint8(0), offset: view.getUint16(1) * 2 ** 32 + view.getUint32(3) };
}

function writeHeader(view: DataView, at: number, terminal: number, offset: number): void {
  view.setUint8(at, terminal);
  view.setUint16(at + 1, Math.floor(offset / 2 ** 32));
  view.setUint32(at + 3, offset % 2 ** 32);
}

function isPlausible(payload: Uint8Array, terminal: number, offset: number, payloadMaxBytes: number): boolean {
  return (
    payload.length > 0 &&
    payload.length <= payloadMaxBytes &&
    terminal < limits.terminalsPerSession &&
    offset + payload.length <= limits.offsetMax
  );
}

/** Reads a frame from or to a browser; null when it is malformed or its payload exceeds `payloadMaxBytes`. The payload is a view, not a copy. */
export function decodeBrowserFrame(frame: Uint8Array, payloadMaxBytes: number): BrowserFrame | null {
  if (frame.length <= BROWSER_FRAME_HEADER_BYTES) return null;
  const { terminal, offset } = readHeader(frame, 0);
  const payload = frame.subarray(BROWSER_FRAME_HEADER_BYTES);
  return isPlausible(payload, terminal, offset, payloadMaxBytes) ? { terminal, offset, payload } : null;
}

/** Reads a frame on a runner or agent leg; null when it is malformed or its payload exceeds `payloadMaxBytes`. The payload is a view, not a copy. */
export function decodeRunnerFrame(frame: Uint8Array, payloadMaxBytes: number): RunnerFrame | null {
  if (frame.length <= RUNNER_FRAME_HEADER_BYTES) return null;
  const connection = new DataView(frame.buffer, frame.byteOffset).getUint16(0);
  const { terminal, offset } = readHeader(frame, 2);
  const payload = frame.subarray(RUNNER_FRAME_HEADER_BYTES);
  return isPlausible(payload, terminal, offset, payloadMaxBytes) ? { connection, terminal, offset, payload } : null;
}

export function encodeBrowserFrame({ terminal, offset, payload }: BrowserFrame): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(BROWSER_FRAME_HEADER_BYTES + payload.length);
  writeHeader(new DataView(frame.buffer), 0, terminal, offset);
  frame.set(payload, BROWSER_FRAME_HEADER_BYTES);
  return frame;
}

export function encodeRunnerFrame({ connection, terminal, offset, payload }: RunnerFrame): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(RUNNER_FRAME_HEADER_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, connection);
  writeHeader(view, 2, terminal, offset);
  frame.set(payload, RUNNER_FRAME_HEADER_BYTES);
  return frame;
}

/** The browser frame inside a runner frame, as a view: what the edge forwards without a copy. */
export function stripConnection(runnerFrame: Uint8Array): Uint8Array {
  return runnerFrame.subarray(RUNNER_FRAME_HEADER_BYTES - BROWSER_FRAME_HEADER_BYTES);
}

/** A browser frame behind its sender's connection number: what the edge forwards towards the agent. */
export function prependConnection(browserFrame: Uint8Array, connection: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(2 + browserFrame.length);
  new DataView(frame.buffer).setUint16(0, connection);
  frame.set(browserFrame, 2);
  return frame;
}
