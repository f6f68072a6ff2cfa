// An agent that keeps to the protocol never breaks the ledger's rules, whatever its viewers do and however late everything arrives; one that lies is caught.

import { expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";
import { type FromAgent, LedgerModel } from "./ledger-model.ts";

const RUNS_PER_SEED = process.env["BERTH_LONG"] === "1" ? 2_000 : 100;
const STEPS = 400;
const ENOUGH_LIES = 3;

test.for(seedsFor(3))(
  `nothing that an honest agent says is a violation, in ${RUNS_PER_SEED} runs of seed %i`,
  (seed) => {
    for (let run = 0; run < RUNS_PER_SEED; run++) {
      const model = new LedgerModel(new SeededRandom(seed + run * 1_000));
      for (let step = 0; step < STEPS && !model.hasViolation; step++) model.step();
      if (model.hasViolation) expect.unreachable(`a violation in run ${run}: ${JSON.stringify(model.last)}`);
    }
  },
);

/** What a liar says after something true was forwarded; its last must not be. Null when it has nothing to lie about. */
type Lie = (said: FromAgent) => FromAgent[] | null;

const manyTimes = (said: FromAgent): FromAgent[] => Array.from({ length: 2_000 }, () => said);
const forEvent =
  (type: string, lie: (said: FromAgent) => FromAgent[]): Lie =>
  (said) =>
    "event" in said && said.event.type === type ? lie(said) : null;
const moved =
  (bytes: number): Lie =>
  (said) => {
    if ("frame" in said) return [{ frame: { ...said.frame, offset: Math.max(0, said.frame.offset + bytes) } }];
    if (!("offset" in said.event)) return null;
    return [{ event: { ...said.event, offset: Math.max(0, said.event.offset + bytes) } }];
  };
const ofFrame =
  (lie: Lie): Lie =>
  (said) =>
    "frame" in said ? lie(said) : null;

const lies: [string, Lie][] = [
  ["a frame again", ofFrame((said) => [said])],
  ["a frame that leaves a gap", ofFrame(moved(limits.terminalFrameBytes + 1))],
  [
    "far more than its viewers gave credit for",
    ofFrame((said) => {
      if (!("frame" in said) || said.frame.connection === 0) return null;
      const payload = new Uint8Array(limits.terminalFrameBytes);
      const from = said.frame.offset + said.frame.payload.length;
      return Array.from({ length: (20 * limits.creditWindowBytes) / payload.length }, (_, i) => ({
        frame: { ...said.frame, offset: from + i * payload.length, payload },
      }));
    }),
  ],
  ["that input was taken which nobody typed", forEvent("received", (said) => moved(2 ** 30)(said) ?? [])],
  ["that input was taken, again and again", forEvent("received", manyTimes)],
  ["that a terminal is open, again and again", forEvent("opened", manyTimes)],
  ["that a terminal ended, again and again", forEvent("exited", manyTimes)],
  ["that a terminal has another size, again and again", forEvent("resized", manyTimes)],
  ["that a viewer left the live flow, again", forEvent("behind", (said) => [said])],
  ["that output is gone which it has sent", forEvent("truncated", (said) => moved(-1)(said) ?? [])],
  ["that output is gone, again and again", forEvent("truncated", manyTimes)],
  ["the answer to a probe, again and again", forEvent("probed", manyTimes)],
];

test.for(lies)("an agent that says %s is caught", ([, lie]) => {
  let caught = 0;
  for (const seed of seedsFor(400)) {
    if (caught === ENOUGH_LIES) break;
    const model = new LedgerModel(new SeededRandom(seed));
    const after = model.random.between(0, STEPS / 4);
    for (let step = 0; step < STEPS; step++) {
      model.step();
      const said = step < after || model.last?.judgement !== "forward" ? null : lie(model.last.said);
      if (said === null) continue;
      if (said.map((one) => model.judge(one)).at(-1) === "forward")
        expect.unreachable(`a lie was forwarded with seed ${seed}`);
      caught++;
      break;
    }
  }
  expect(caught).toBe(ENOUGH_LIES);
});
