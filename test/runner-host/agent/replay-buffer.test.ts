// The replay buffer keeps the newest output and knows what it has lost.

import { expect, test } from "vitest";
import { ReplayBuffer } from "../../../runner-host/agent/replay-buffer.ts";
import { findForeignByte, patternBytes } from "../../support/byte-pattern.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

function readAll(buffer: ReplayBuffer): Buffer {
  const pieces: Uint8Array[] = [];
  for (let offset = buffer.start; offset < buffer.end;) {
    const piece = buffer.view(offset, buffer.end - offset);
    pieces.push(piece);
    offset += piece.length;
  }
  return Buffer.concat(pieces);
}

test.for(seedsFor(1))(
  "keeps exactly the newest bytes of whatever was appended, in pieces of any size, seed %i",
  (seed) => {
    const random = new SeededRandom(seed);
    const buffer = new ReplayBuffer(100_000);
    let printed = 0;
    for (let i = 0; i < 500; i++) {
      const length = random.chance(0.05) ? random.between(90_000, 250_000) : random.between(0, 9_000);
      buffer.append(patternBytes(printed, length));
      printed += length;
      const kept = readAll(buffer);
      expect({
        end: buffer.end,
        length: kept.length,
        foreign: findForeignByte(buffer.start, kept),
      }).toEqual({
        end: printed,
        length: Math.min(printed, 100_000),
        foreign: -1,
      });
    }
  },
);

test("is empty at first", () => {
  const buffer = new ReplayBuffer(10);
  expect([buffer.start, buffer.end, buffer.view(0, 5).length]).toEqual([0, 0, 0]);
});
