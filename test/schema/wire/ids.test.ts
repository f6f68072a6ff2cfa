// Identifiers, paths, close codes and messages: the shapes that are let in, and those that are not.

import { describe, expect, it } from "vitest";
import { starterFileSchema, workspacePathSchema } from "#wire/challenge.ts";
import { closeCodes, readClose } from "#wire/close-codes.ts";
import { encodeId, newId, sessionIdSchema, slugSchema } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { hostHelloSchema } from "#wire/runner.ts";
import { browserMessageSchema } from "#wire/terminal.ts";

describe("identifiers", () => {
  it("are made in the shape that is let in, and differ", () => {
    const ids = Array.from({ length: 100 }, () => newId("s"));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(sessionIdSchema.parse(id)).toBe(id);
  });

  it("encode every bit of their 16 bytes", () => {
    const zero = new Uint8Array(16);
    const texts = new Set([encodeId(zero)]);
    for (let bit = 0; bit < 128; bit++) {
      const bytes = new Uint8Array(16);
      bytes[bit >> 3] = 1 << (bit & 7);
      texts.add(encodeId(bytes));
    }
    expect(texts.size).toBe(129);
  });

  it.each(["s_", "h_aaaaaaaaaaaaaaaaaaaaaaaaaa", "s_AAAAAAAAAAAAAAAAAAAAAAAAAA", "s_aaaaaaaaaaaaaaaaaaaaaaaaaa\n", ""])(
    "refuse %j as a session",
    (text) => {
      expect(sessionIdSchema.safeParse(text).success).toBe(false);
    },
  );

  it.each(["First", "a--b", "-a", "a-", "a b", "a/b", "a".repeat(limits.slugChars + 1)])(
    "refuse %j as a slug",
    (text) => {
      expect(slugSchema.safeParse(text).success).toBe(false);
    },
  );
});

describe("workspace paths", () => {
  it.each(["a", "a/b.txt", ".dockerignore", "a/..b", "ü/é"])("let in %j", (path) => {
    expect(workspacePathSchema.parse(path)).toBe(path);
  });

  it.each(["", "/etc/passwd", "a//b", "../a", "a/../b", "./a", "a/.", "a/", "a\0b", "x".repeat(limits.pathBytes + 1)])(
    "refuse %j",
    (path) => {
      expect(workspacePathSchema.safeParse(path).success).toBe(false);
    },
  );

  it("carry only plain and executable modes", () => {
    const file = { path: "run.sh", mode: 0o755, contentBase64: "aGk=" };
    expect(starterFileSchema.safeParse(file).success).toBe(true);
    expect(starterFileSchema.safeParse({ ...file, mode: 0o4755 }).success).toBe(false);
  });
});

describe("close codes", () => {
  it("are distinct, in the private range, and say why within the 123 bytes a close frame has", () => {
    const entries = Object.values(closeCodes);
    expect(new Set(entries.map((entry) => entry.code)).size).toBe(entries.length);
    for (const { code, reason } of entries) {
      expect(code).toBeGreaterThanOrEqual(4000);
      expect(code).toBeLessThan(5000);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    }
  });

  it("are read back by number, and anything unknown is a cut", () => {
    expect(readClose(closeCodes.epoch_over.code)).toEqual({ name: "epoch_over", then: "stop" });
    expect(readClose(1006)).toEqual({ name: "cut", then: "retry" });
    expect(readClose(4999)).toEqual({ name: "cut", then: "retry" });
  });
});

describe("messages", () => {
  const open = {
    type: "open",
    terminal: 0,
    cols: 80,
    rows: 24,
    claimsSize: true,
    client: "5f0c1f9e-55ab-4f0e-9d0c-0d3a4d5b6c7d",
    instance: null,
    offset: null,
  };

  it("let in an open at the limits and refuse one beyond", () => {
    expect(browserMessageSchema.safeParse({ ...open, cols: limits.terminalColsMax }).success).toBe(true);
    expect(browserMessageSchema.safeParse({ ...open, cols: limits.terminalColsMax + 1 }).success).toBe(false);
    expect(browserMessageSchema.safeParse({ ...open, terminal: limits.terminalsPerSession }).success).toBe(false);
  });

  it("refuse unknown types, unknown members and missing ones", () => {
    expect(browserMessageSchema.safeParse({ ...open, type: "opne" }).success).toBe(false);
    expect(browserMessageSchema.safeParse({ ...open, extra: 1 }).success).toBe(false);
    expect(browserMessageSchema.safeParse({ type: "ack", terminal: 0 }).success).toBe(false);
  });

  it("bound what a host announces", () => {
    const hello = {
      type: "hello",
      protocolVersion: 1,
      hostName: "one",
      capacity: 4,
      images: ["berth/python:3.11"],
      sessions: [],
    };
    expect(hostHelloSchema.safeParse(hello).success).toBe(true);
    expect(hostHelloSchema.safeParse({ ...hello, capacity: limits.sessionsPerHost + 1 }).success).toBe(false);
    expect(hostHelloSchema.safeParse({ ...hello, images: ["UPPER"] }).success).toBe(false);
  });
});

it("the changes that an agent may make do not cost an honest tab more than it may order", () => {
  const reattach = limits.terminalsPerSession * limits.openOrders;
  expect(limits.agentChangesBurst * reattach).toBeLessThanOrEqual(limits.browserOrdersBurst);
  expect(limits.agentChangesPerSecond * reattach).toBeLessThanOrEqual(limits.browserOrdersPerSecond);
});
