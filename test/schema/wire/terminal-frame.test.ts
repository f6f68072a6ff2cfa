// Terminal frames: what is written is read back exactly, and nothing malformed is read at all.

import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import {
  BROWSER_FRAME_HEADER_BYTES,
  decodeBrowserFrame,
  decodeRunnerFrame,
  encodeBrowserFrame,
  encodeRunnerFrame,
  prependConnection,
  stripConnection,
} from "#wire/terminal-frame.ts";

const payload = new Uint8Array([0, 255, 10, 195, 40]);
const offsets = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 12345, limits.offsetMax - payload.length];

describe("terminal frames", () => {
  it.each(offsets)("carry offset %d to and from a browser", (offset) => {
    const frame = encodeBrowserFrame({ terminal: 7, offset, payload });
    expect(decodeBrowserFrame(frame, limits.terminalFrameBytes)).toEqual({ terminal: 7, offset, payload });
  });

  it.each(offsets)("carry offset %d and a connection on a runner leg", (offset) => {
    const frame = encodeRunnerFrame({ connection: 65_535, terminal: 3, offset, payload });
    expect(decodeRunnerFrame(frame, limits.terminalFrameBytes)).toEqual({
      connection: 65_535,
      terminal: 3,
      offset,
      payload,
    });
  });

  it("are laid out as design.md section 4 says", () => {
    expect([...encodeBrowserFrame({ terminal: 2, offset: 0x0102_0304_0506, payload: new Uint8Array([9]) })]).toEqual([
      2, 1, 2, 3, 4, 5, 6, 9,
    ]);
  });

  it("change legs by adding or dropping the connection number alone", () => {
    const browserFrame = encodeBrowserFrame({ terminal: 1, offset: 42, payload });
    const runnerFrame = encodeRunnerFrame({ connection: 513, terminal: 1, offset: 42, payload });
    expect(prependConnection(browserFrame, 513)).toEqual(runnerFrame);
    expect(stripConnection(runnerFrame)).toEqual(browserFrame);
  });

  it("are read where they lie inside a larger buffer", () => {
    const frame = encodeRunnerFrame({ connection: 1, terminal: 0, offset: 7, payload });
    const buffer = new Uint8Array(frame.length + 6);
    buffer.set(frame, 3);
    expect(decodeRunnerFrame(buffer.subarray(3, 3 + frame.length), 100)?.payload).toEqual(payload);
  });

  it.each([
    ["empty", new Uint8Array(0)],
    ["without payload", encodeBrowserFrame({ terminal: 0, offset: 0, payload: new Uint8Array(0) })],
    ["shorter than its header", new Uint8Array(BROWSER_FRAME_HEADER_BYTES - 1)],
    [
      "of a terminal that cannot exist",
      encodeBrowserFrame({ terminal: limits.terminalsPerSession, offset: 0, payload }),
    ],
    ["that runs past the largest offset", encodeBrowserFrame({ terminal: 0, offset: limits.offsetMax, payload })],
  ])("are refused when %s", (_what, frame) => {
    expect(decodeBrowserFrame(frame, limits.terminalFrameBytes)).toBeNull();
  });

  it("are accepted at the payload limit and refused one byte above it", () => {
    const atLimit = { terminal: 0, offset: 0, payload: new Uint8Array(limits.inputFrameBytes) };
    const above = { ...atLimit, payload: new Uint8Array(limits.inputFrameBytes + 1) };
    expect(decodeBrowserFrame(encodeBrowserFrame(atLimit), limits.inputFrameBytes)).not.toBeNull();
    expect(decodeBrowserFrame(encodeBrowserFrame(above), limits.inputFrameBytes)).toBeNull();
    expect(decodeRunnerFrame(encodeRunnerFrame({ connection: 0, ...above }), limits.inputFrameBytes)).toBeNull();
  });
});
