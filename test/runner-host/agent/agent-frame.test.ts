// Frames on the agent socket are split and joined whatever the chunks they come in.

import { expect, test } from "vitest";
import { AGENT_FRAME_JSON, AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import { limits } from "#wire/limits.ts";
import { decodeRunnerFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import {
  BrokenFramingError,
  encodeJsonFrame,
  encodeOutputFrame,
  encodeTerminalFrame,
  FrameSplitter,
} from "../../../runner-host/agent/agent-frame.ts";
import { patternBytes } from "../../support/byte-pattern.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const output = { connection: 65_535, terminal: 7, offset: 2 ** 40 + 5, payload: patternBytes(0, 100) };

test("an output frame is the runner frame behind its prefix", () => {
  expect(encodeOutputFrame(output)).toEqual(encodeTerminalFrame(encodeRunnerFrame(output)));
});

test.for(seedsFor(1))("frames come out whole and in order however the bytes were cut, seed %i", (seed) => {
  const random = new SeededRandom(seed);
  const splitter = new FrameSplitter();
  const sent = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0 ? { i } : { ...output, offset: i, payload: patternBytes(i, i * 150) },
  );
  const stream = Buffer.concat(sent.map((each) => ("i" in each ? encodeJsonFrame(each) : encodeOutputFrame(each))));
  const received: unknown[] = [];
  for (let at = 0; at < stream.length;) {
    const length = random.chance(0.2) ? random.between(1, 9) : random.between(1, 40_000);
    splitter.push(stream.subarray(at, at + length));
    at += length;
    for (let frame = splitter.next(); frame !== null; frame = splitter.next()) {
      if (frame.kind === AGENT_FRAME_JSON) received.push(JSON.parse(frame.payload.toString()));
      else if (frame.kind === AGENT_FRAME_TERMINAL)
        received.push(decodeRunnerFrame(Uint8Array.from(frame.payload), limits.terminalFrameBytes));
    }
  }
  expect(received).toEqual(sent);
  expect(splitter.hasNext()).toBe(false);
});

test.for([0, 1, 1_001, 2 ** 32 - 1])("a frame that announces %i bytes is refused before it is read", (length) => {
  const splitter = new FrameSplitter(1_000);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 0);
  splitter.push(prefix);
  expect(() => splitter.next()).toThrow(BrokenFramingError);
});
