// The agent reads the daemon's messages by hand: it must let in exactly what the wire's schema lets in, and its bundle must not carry the schemas.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type DaemonMessage, daemonMessageSchema } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import { bundleAgent } from "../../../runner-host/agent/bundle.ts";
import { readDaemonMessage } from "../../../runner-host/agent/daemon-message.ts";
import { MessageFuzz, mutationKinds } from "../../support/schema-fuzz.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";

const [seed = 0] = seedsFor(1);
const ROUNDS = 60;
const BUNDLE_BYTES_MAX = 48 * 1024;

function read(text: string): DaemonMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  try {
    return readDaemonMessage(value);
  } catch {
    return null;
  }
}

describe(`what the schema lets in and refuses (seed ${seed})`, () => {
  const fuzz = new MessageFuzz(daemonMessageSchema, new SeededRandom(seed));

  test.each(fuzz.types)("every %s is read as the schema reads it", (type) => {
    for (let round = 0; round < ROUNDS; round++) {
      const text = fuzz.text(type);
      expect(read(text), text).toEqual(fuzz.parse(text));
    }
  });

  test.each(mutationKinds)("%s is read or refused as the schema does", (kind) => {
    for (const type of fuzz.types) {
      for (let round = 0; round < ROUNDS / 4; round++) {
        const text = fuzz.mutant(kind, type);
        if (text !== null) expect(read(text), text.slice(0, 300)).toEqual(fuzz.parse(text));
      }
    }
  });
});

const file = { path: "a/b", mode: 0o644, contentBase64: "aGk=" };
const OPEN = {
  ...{ type: "open", connection: 1, terminal: 0, cols: 80, rows: 24, claimsSize: true },
  ...{ client: "6f1c1f0e-5d3c-4f55-9d0b-0c6b9a3f6a11", instance: null, offset: null },
};

function layOf(bundle: unknown[]): unknown {
  return { type: "lay", request: 1, version: "0".repeat(64), bundle };
}

test.each([
  ...["A".repeat(36), "6F1C1F0E-5D3C-4F55-9D0B-0C6B9A3F6A11", "6f1c1f0e-5d3c-9f55-9d0b-0c6b9a3f6a11"],
  ...["6f1c1f0e-5d3c-4f55-cd0b-0c6b9a3f6a11", "00000000-0000-0000-0000-000000000000"],
  ...["ffffffff-ffff-ffff-ffff-ffffffffffff", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "{}", ""],
])("the client %j is let in where the schema lets it in", (client) => {
  const text = JSON.stringify({ ...OPEN, client });
  expect(read(text) !== null).toBe(daemonMessageSchema.safeParse(JSON.parse(text)).success);
});

test.each([
  ...["", "=", "==", "a", "ab", "abc", "abcd", "ab==", "abc=", "a===", "====", "ab=c", "ab==abcd", "abcd\n", "ab-_"],
  "A".repeat(Math.ceil(limits.starterFileBytes / 3) * 4),
  "A".repeat(Math.ceil(limits.starterFileBytes / 3) * 4 + 4),
])("the content %# is let in where the schema lets it in", (contentBase64) => {
  const text = JSON.stringify(layOf([{ ...file, contentBase64 }]));
  expect(read(text) !== null).toBe(daemonMessageSchema.safeParse(JSON.parse(text)).success);
});

test.each([
  ...["a", "a/b", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "...", "a\0b", "", "a\nb"],
  ...["x".repeat(limits.pathBytes), "x".repeat(limits.pathBytes + 1)],
  ...["🦀".repeat(limits.pathBytes), `${"🦀".repeat(limits.pathBytes)}x`, "🦀".repeat(limits.pathBytes + 1)],
])("the path %# is let in where the schema lets it in", (path) => {
  const text = JSON.stringify(layOf([{ ...file, path }]));
  expect(read(text) !== null).toBe(daemonMessageSchema.safeParse(JSON.parse(text)).success);
});

test("as many files are let in as the schema lets in", () => {
  const full: unknown[] = Array.from({ length: limits.starterFiles }, () => file);
  expect(readDaemonMessage(layOf(full))).toEqual(daemonMessageSchema.parse(layOf(full)));
  expect(() => readDaemonMessage(layOf([...full, file]))).toThrow("malformed");
});

test("the bundle carries neither the schemas nor their library", async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-bundle-"));
  try {
    const { script } = await bundleAgent(folder);
    const text = await readFile(script, "utf8");
    expect(text).not.toContain("_zod");
    expect(text.length).toBeLessThan(BUNDLE_BYTES_MAX);
  } finally {
    await rm(folder, { recursive: true });
  }
});
