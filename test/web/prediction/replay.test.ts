// Shows on recorded terminal streams that typing shows at once far away, that it is right, and that a secret never shows.

import { describe, expect, it } from "vitest";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";
import { type RecordedEvent, type Recording, readRecordings } from "./recording.ts";
import { replay, type Seat, viewAnswers } from "./replay.ts";

const FAR_MS = 150;
/** The letters of all secrets that are recorded; nothing else has them. */
const SECRET = /[ξψωλφθδπ]/;
const recordings = readRecordings();
const text = new TextDecoder();

const foretold = (seat: Seat) => seat.engine.overlay.cells.map(({ row, col, text }) => `${row}:${col} ${text}`);

it("there are a hundred recorded cases and more", () => {
  expect(recordings.length).toBeGreaterThanOrEqual(100);
  expect(recordings.flatMap(({ events }) => events).filter(({ kind }) => kind === "at-once").length).toBeGreaterThan(
    2_000,
  );
});

describe(`over ${FAR_MS} ms of delay`, () => {
  it.each(recordings.map((recording) => [recording.name, recording] as const))("%s", async (_, recording) => {
    const answers = await viewAnswers(recording);
    const wrong: unknown[] = [];
    let before = new Set<string>();
    const end = await replay(recording, {
      roundTripMs: FAR_MS,
      seen: (seat, { kind, bytes }, input) => {
        if (kind === "at-once") {
          const [saw, wants] = [seat.view, answers[input]];
          if (JSON.stringify(saw) !== JSON.stringify(wants)) wrong.push({ input, key: text.decode(bytes), saw, wants });
        }
        const cells = foretold(seat);
        if (kind === "never" && cells.some((cell) => !before.has(cell))) wrong.push({ input, cells });
        if (cells.some((cell) => SECRET.test(cell))) wrong.push({ input, cells });
        before = new Set(cells);
      },
    });
    expect(wrong).toEqual([]);
    expect(end).toEqual(answers.at(-1));
  });
});

/** Frames as a network makes them: late by turns, cut anywhere (in sequences and characters, too), joined. */
function roughen(random: SeededRandom): (events: readonly RecordedEvent[]) => RecordedEvent[] {
  return (events) => {
    let atMs = 0;
    return events.flatMap((event) => {
      const parts: RecordedEvent[] = [];
      for (let from = 0; from < event.bytes.length;) {
        const size = random.chance(0.6) ? event.bytes.length : random.between(1, 12);
        atMs = Math.max(atMs, event.atMs + random.between(0, random.chance(0.05) ? 400 : 30));
        parts.push({ ...event, atMs, bytes: event.bytes.subarray(from, from + size) });
        from += size;
      }
      return parts;
    });
  };
}

async function replayRoughly(
  recording: Recording,
  random: SeededRandom,
): Promise<{ isRight: boolean; secrets: string[]; left: string[] }> {
  const secrets: string[] = [];
  let last: Seat | null = null;
  const end = await replay(recording, {
    roundTripMs: random.between(31, 1_500),
    travel: roughen(random),
    seen: (seat) => {
      last = seat;
      secrets.push(...foretold(seat).filter((cell) => SECRET.test(cell)));
    },
  });
  const answers = await viewAnswers(recording);
  const left = last === null ? [] : foretold(last);
  return { isRight: JSON.stringify(end) === JSON.stringify(answers.at(-1)), secrets, left };
}

it.each(seedsFor(1))(
  "whatever the network does, the screen ends right and no secret shows (seed %i)",
  async (seed) => {
    const random = new SeededRandom(seed);
    const chosen = recordings.filter(
      ({ events }) => events.some(({ kind }) => kind === "never") || random.chance(0.25),
    );
    for (const recording of chosen) {
      const outcome = await replayRoughly(recording, random);
      expect({ name: recording.name, ...outcome }).toEqual({
        name: recording.name,
        isRight: true,
        secrets: [],
        left: [],
      });
    }
  },
  60_000,
);

it.each([
  ["near", { roundTripMs: 30 }],
  ["switched off", { roundTripMs: FAR_MS, isEnabled: false }],
])("nothing is foretold when it is %s", async (_, options) => {
  const cells: string[] = [];
  for (const recording of recordings.slice(0, 12))
    await replay(recording, { ...options, seen: (seat) => cells.push(...foretold(seat)) });
  expect(cells).toEqual([]);
});
