// Makes the binary frames that a hostile peer may send: terminal frames of every legal kind, frames that are none, and probes.

import { limits } from "#wire/limits.ts";
import {
  BROWSER_FRAME_HEADER_BYTES,
  type BrowserFrame,
  encodeBrowserFrame,
  encodeRunnerFrame,
  PROBE_FRAME,
  RUNNER_FRAME_HEADER_BYTES,
} from "#wire/terminal-frame.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What a conversation goes on about; `connections` is given on legs whose frames carry one. */
export type FrameWords = {
  terminals: readonly number[];
  offsets: readonly number[];
  connections: readonly number[] | null;
  payloadMaxBytes: number;
};

type MakeFrame = (words: FrameWords, random: SeededRandom) => Uint8Array<ArrayBuffer>;

export const frameMakers = {
  plausible: (words, random) => encode(words, random, {}),
  largest: (words, random) => encode(words, random, { payload: new Uint8Array(words.payloadMaxBytes) }),
  too_large: (words, random) =>
    encode(words, random, { payload: new Uint8Array(words.payloadMaxBytes + random.pick([1, 2, 100_000])) }),
  empty_payload: (words, random) => encode(words, random, { payload: new Uint8Array(0) }),
  other_terminal: (words, random) => encode(words, random, { terminal: random.pick([0, 1, 7]) }),
  no_terminal: (words, random) => encode(words, random, { terminal: random.between(limits.terminalsPerSession, 254) }),
  last_offset: (words, random) =>
    encode(words, random, {
      offset: limits.offsetMax - random.between(0, 3),
      payload: new Uint8Array(random.between(1, 4)),
    }),
  any_offset: (words, random) => encode(words, random, { offset: random.between(0, limits.offsetMax) }),
  other_connection: (words, random) =>
    encode({ ...words, connections: words.connections && [1, 2, 3, 65_535] }, random, {}),
  cut_short: (words, random) => encode(words, random, {}).slice(0, random.between(0, headerBytes(words))),
  noise: (_, random) => Uint8Array.from({ length: random.between(0, 64) }, () => random.between(0, 255)),
  probe: (_, random) => probe(random.pick([1, 2, limits.probeFrameBytes])),
  too_large_probe: (_, random) => probe(limits.probeFrameBytes + random.pick([1, 40_000])),
} as const satisfies Record<string, MakeFrame>;

export type FrameKind = keyof typeof frameMakers;
export const frameKinds = Object.keys(frameMakers).filter((kind): kind is FrameKind => kind in frameMakers);

function encode(words: FrameWords, random: SeededRandom, changes: Partial<BrowserFrame>): Uint8Array<ArrayBuffer> {
  const frame = {
    terminal: random.pick(words.terminals),
    offset: random.pick(words.offsets),
    payload: new Uint8Array(random.pick([1, 2, 3, 1_000])).fill(0x61),
    ...changes,
  };
  return words.connections === null
    ? encodeBrowserFrame(frame)
    : encodeRunnerFrame({ ...frame, connection: random.pick(words.connections) });
}

function headerBytes({ connections }: FrameWords): number {
  return connections === null ? BROWSER_FRAME_HEADER_BYTES : RUNNER_FRAME_HEADER_BYTES;
}

function probe(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes).fill(1).fill(PROBE_FRAME, 0, 1);
}
