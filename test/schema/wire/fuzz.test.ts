// The generator of hostile messages: it reaches every message of every leg, its valid ones are valid at the limits too, and its mutants really break the rules.

import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { agentMessageSchema, daemonMessageSchema } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import {
  hostControlMessageSchema,
  hostDataMessageSchema,
  poolControlMessageSchema,
  sessionDataMessageSchema,
} from "#wire/runner.ts";
import { decodeBrowserFrame, decodeRunnerFrame, PROBE_FRAME } from "#wire/terminal-frame.ts";
import { browserMessageSchema, edgeMessageSchema } from "#wire/terminal.ts";
import { frameKinds, frameMakers } from "../../support/schema-fuzz-frames.ts";
import { disturb, disturbances } from "../../support/schema-fuzz-sequence.ts";
import { MessageFuzz, mutationKinds, padTo } from "../../support/schema-fuzz.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const legs: [string, z.ZodType][] = [
  ["browser -> session", browserMessageSchema],
  ["session -> browser", edgeMessageSchema],
  ["host -> pool", hostControlMessageSchema],
  ["pool -> host", poolControlMessageSchema],
  ["host -> session", hostDataMessageSchema],
  ["session -> host", sessionDataMessageSchema],
  ["agent -> daemon", agentMessageSchema],
  ["daemon -> agent", daemonMessageSchema],
];
const [seed = 0] = seedsFor(1);
const ROUNDS = 40;
/** These may land where the schema lets them: white space, a member twice, an optional one left out, a null where one may stand. */
const BENT_NOT_BROKEN = new Set([
  "white_space",
  "wrong_type",
  "duplicate_member",
  "missing_member",
  "broken_pattern",
  "odd_number",
  "long_text",
]);

describe.for(legs)("%s", ([, schema]) => {
  test(`every message is made, valid, and with numbers at both of their limits (seed ${seed})`, () => {
    const fuzz = new MessageFuzz(schema, new SeededRandom(seed));
    for (const type of fuzz.types) {
      const texts = Array.from({ length: ROUNDS * 5 }, () => fuzz.text(type));
      for (const text of texts) expect(JSON.parse(text)).toMatchObject({ type });
      if (texts[0] !== `{"type":"${type}"}`) expect(new Set(texts).size).toBeGreaterThan(1);
      const values = texts.map((text): Record<string, unknown> => JSON.parse(text));
      if (values.some((value) => "connection" in value)) {
        expect(values).toContainEqual(expect.objectContaining({ connection: 1 }));
        expect(values).toContainEqual(expect.objectContaining({ connection: limits.connectionNumberMax }));
      }
      if (values.some((value) => "terminal" in value))
        expect(values).toContainEqual(expect.objectContaining({ terminal: limits.terminalsPerSession - 1 }));
    }
  });

  test(`every kind of mutant is made, and all but a few are refused (seed ${seed})`, () => {
    const fuzz = new MessageFuzz(schema, new SeededRandom(seed));
    for (const kind of mutationKinds) {
      const made = Array.from({ length: ROUNDS * 4 }, () => fuzz.mutant(kind)).filter((text) => text !== null);
      expect(made.length, kind).toBeGreaterThan(0);
      const refused = made.filter((text) => fuzz.parse(text) === null).length / made.length;
      if (BENT_NOT_BROKEN.has(kind)) expect(refused, kind).toBeGreaterThan(0.1);
      else expect(refused, kind).toBe(1);
    }
  });

  test(`no mutant that is let in carries a member of a prototype, or one beyond its limit (seed ${seed})`, () => {
    const fuzz = new MessageFuzz(schema, new SeededRandom(seed));
    for (let round = 0; round < ROUNDS * 20; round++) {
      const message = fuzz.parse(fuzz.mutant() ?? "");
      if (message === null) continue;
      expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
      const again = JSON.stringify(message);
      expect(JSON.stringify(fuzz.parse(again))).toBe(again);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

test("the same seed makes the same messages", () => {
  const run = () => {
    const fuzz = new MessageFuzz(hostDataMessageSchema, new SeededRandom(seed));
    return Array.from({ length: 100 }, () => [fuzz.text(), fuzz.mutant()]);
  };
  expect(run()).toEqual(run());
});

test("members of a conversation's vocabulary are used more often than not", () => {
  const fuzz = new MessageFuzz(browserMessageSchema, new SeededRandom(seed));
  const terminals = Array.from({ length: 200 }, () => fuzz.message("resize", { terminal: [3] }));
  expect(terminals.filter((message) => "terminal" in message && message.terminal === 3).length).toBeGreaterThan(120);
});

test("a message can be filled up to a limit, and stays valid", () => {
  const fuzz = new MessageFuzz(browserMessageSchema, new SeededRandom(seed));
  const text = padTo(fuzz.text("ack"), limits.browserMessageBytes);
  expect(text.length).toBe(limits.browserMessageBytes);
  expect(fuzz.parse(text)).not.toBeNull();
});

describe.for([
  ["browser", decodeBrowserFrame, null, limits.inputFrameBytes],
  ["runner", decodeRunnerFrame, [1], limits.terminalFrameBytes],
] as const)("%s frames", ([, decode, connections, payloadMaxBytes]) => {
  const lawful = new Set(["plausible", "largest", "other_terminal", "any_offset", "other_connection"]);

  test.for(frameKinds)(`of the kind %s are let in or refused as they should (seed ${seed})`, (kind) => {
    const random = new SeededRandom(seed);
    const words = { terminals: [2], offsets: [0, 5], connections, payloadMaxBytes };
    const frames = Array.from({ length: 200 }, () => frameMakers[kind](words, random));
    const taken = frames.filter((frame) => decode(frame, payloadMaxBytes) !== null).length;
    if (lawful.has(kind)) expect(taken).toBeGreaterThan(195);
    else if (kind === "last_offset") expect([taken > 0, taken < 200]).toEqual([true, true]);
    else if (kind !== "noise" && !kind.includes("probe")) expect(taken).toBe(0);
    if (connections === null && kind.includes("probe")) expect(taken).toBe(0);
    if (kind === "probe")
      expect(frames.every((frame) => frame[0] === PROBE_FRAME && frame.length <= limits.probeFrameBytes)).toBe(true);
  });
});

test.for(disturbances)(`a conversation is disturbed by %s, and by nothing else (seed ${seed})`, (disturbance) => {
  const random = new SeededRandom(seed);
  const spoken = ["a", "b", "c", "d", "e", "f"];
  let changed = 0;
  for (let round = 0; round < 200; round++) {
    const words = disturb(spoken, ["X", "Y"], random, disturbance);
    if (words.join("") !== spoken.join("")) changed++;
    if (disturbance === "reorder") expect(words.toSorted()).toEqual(spoken);
    if (disturbance === "replay") expect([...new Set(words)].toSorted()).toEqual(spoken);
    if (disturbance === "drop") expect(spoken.filter((word) => words.includes(word))).toEqual(words);
    if (disturbance === "cut_in") expect(words.filter((word) => spoken.includes(word))).toEqual(spoken);
  }
  expect(changed).toBeGreaterThan(100);
});
