// The relay between recorded lines: who gets which bytes, unchanged, and what is dropped or refused.

import { beforeEach, describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import type { SessionDataMessage } from "#wire/runner.ts";
import { type BrowserFrame, encodeBrowserFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import type { EdgeMessage } from "#wire/terminal.ts";
import type { BrowserAttachment, DataAttachment } from "../../../worker/session/attachment.ts";
import { type BrowserLine, type DataLine, freeConnection } from "../../../worker/session/connections.ts";
import {
  type AgentEvent,
  noteTerminal,
  relayAgentEvent,
  relayBrowserMessage,
  relayInput,
  relayOutput,
} from "../../../worker/session/relay.ts";

const client = "6f1c1c1e-0000-4000-8000-000000000001";
const instance = `t_${"a".repeat(26)}`;

type Sent<M> = { told: M[]; frames: Uint8Array[]; saves: number };

function makeBrowser(connection: number): BrowserLine & Sent<EdgeMessage> {
  const attachment: BrowserAttachment = {
    kind: "browser",
    openedAt: 0,
    session: "s",
    signIn: "",
    connection,
    viewers: {},
    unansweredBytes: 0,
  };
  return makeLine(attachment);
}

function makeData(generation: number | null): DataLine & Sent<SessionDataMessage> {
  const claims = { openedAt: 0, session: "s", epoch: 4, host: "h", isGreeted: true, lay: null };
  const attachment: DataAttachment = {
    kind: "data",
    ...claims,
    generation,
    terminals: [],
    nextConnection: 9,
    unansweredBytes: 0,
  };
  return makeLine(attachment);
}

function makeLine<A, M>(attachment: A) {
  const line = {
    attachment,
    told: [] as M[],
    frames: [] as Uint8Array[],
    saves: 0,
    save: () => {
      line.saves++;
    },
    tell: (message: M) => {
      line.told.push(message);
    },
    sendBytes: (frame: Uint8Array) => {
      line.frames.push(frame);
    },
    close: () => {
      throw new Error("the relay closes nothing");
    },
  };
  return line;
}

const open = { type: "open", terminal: 2, cols: 80, rows: 24, client, instance: null, offset: null } as const;
const frameOf = (offset: number, text: string, terminal = 2): BrowserFrame => ({
  terminal,
  offset,
  payload: new TextEncoder().encode(text),
});
const opened = (connection: number, offset = 0): AgentEvent => {
  return { type: "opened", connection, terminal: 2, instance, offset, end: offset, received: 0 };
};

let ann: ReturnType<typeof makeBrowser>;
let bob: ReturnType<typeof makeBrowser>;
let data: ReturnType<typeof makeData>;
const browsers = () => [ann, bob];
const output = (connection: number, frame: BrowserFrame) =>
  relayOutput(data, encodeRunnerFrame({ connection, ...frame }), browsers());

beforeEach(() => {
  ann = makeBrowser(1);
  bob = makeBrowser(2);
  data = makeData(77);
});

function attach(browser: BrowserLine, offset = 0): void {
  relayBrowserMessage(browser, open, data, true);
  relayAgentEvent(data, opened(browser.attachment.connection, offset), browsers());
}

describe("an open", () => {
  test("goes to the host with its connection, and its answer comes back with the epoch", () => {
    attach(ann);
    expect(data.told).toEqual([{ ...open, connection: 1 }]);
    expect(ann.told).toEqual([{ type: "opened", terminal: 2, instance, epoch: 4, offset: 0, end: 0, received: 0 }]);
    expect(bob.told).toEqual([]);
  });

  test.for([
    ["is refused while the session is not ready", false, 77, "session_not_ready"],
    ["is refused while the agent is down", true, null, "container_unreachable"],
  ] as const)("%s", ([, isReady, generation, code]) => {
    data = makeData(generation);
    relayBrowserMessage(ann, open, data, isReady);
    expect(ann.told).toMatchObject([{ type: "error", code, terminal: 2 }]);
    expect(data.told).toEqual([]);
  });

  test("is refused while there is no data socket", () => {
    relayBrowserMessage(ann, open, null, true);
    expect(ann.told).toMatchObject([{ type: "error", code: "container_unreachable" }]);
  });

  test("that fails is told to its browser alone, which is no viewer then", () => {
    attach(ann);
    relayAgentEvent(data, { type: "open_failed", connection: 1, terminal: 2, message: "no shell" }, browsers());
    expect(ann.told.at(-1)).toEqual({ type: "error", code: "terminal_failed", message: "no shell", terminal: 2 });
    output(0, frameOf(0, "x"));
    expect(ann.frames).toEqual([]);
  });

  test("answered late, for a browser that never asked here, is dropped", () => {
    relayAgentEvent(data, opened(2), browsers());
    relayAgentEvent(data, opened(9), browsers());
    expect([ann.told, bob.told]).toEqual([[], []]);
  });
});

describe("input", () => {
  test("reaches the host byte for byte behind its sender's number", () => {
    attach(bob);
    const frame = { terminal: 2, offset: 2 ** 40 + 3, payload: Uint8Array.from({ length: 256 }, (_, byte) => byte) };
    expect(relayInput(bob, encodeBrowserFrame(frame), data)).toBeNull();
    expect(data.frames).toEqual([encodeRunnerFrame({ connection: 2, ...frame })]);
  });

  test("for a terminal that was never opened is refused by name, and for one of an earlier generation dropped", () => {
    relayInput(ann, encodeBrowserFrame(frameOf(0, "x")), data);
    expect(ann.told).toMatchObject([{ type: "error", code: "terminal_not_open", terminal: 2 }]);
    attach(bob);
    data.attachment.generation = 78;
    relayInput(bob, encodeBrowserFrame(frameOf(0, "x")), data);
    expect(data.frames).toEqual([]);
    expect(bob.told.filter(({ type }) => type === "error")).toEqual([]);
  });

  test.for([
    ["without a payload", new Uint8Array(7)],
    ["for a terminal beyond the last", encodeBrowserFrame(frameOf(0, "x", 8))],
    [
      "that is too large",
      encodeBrowserFrame({ terminal: 0, offset: 0, payload: new Uint8Array(limits.inputFrameBytes + 1) }),
    ],
  ] satisfies [string, Uint8Array][])("%s is malformed", ([, frame]) => {
    expect(relayInput(ann, frame, data)).toBe("bad_message");
  });
});

describe("what a container has not answered", () => {
  const frame = encodeBrowserFrame({ terminal: 2, offset: 0, payload: new Uint8Array(limits.inputFrameBytes) });
  const framesUpTo = (bytes: number) => Math.floor(bytes / frame.length);
  /** How many frames go through before one closes the socket, `most` at most. */
  const flood = (browser: BrowserLine, most: number): number => {
    for (let sent = 0; sent < most; sent++) {
      const refused = relayInput(browser, frame, data);
      if (refused === null) continue;
      expect(refused).toBe("credit_exceeded");
      return sent;
    }
    return most;
  };
  const answer = (connection: number) =>
    relayAgentEvent(data, { type: "received", connection, terminal: 2, offset: 0 }, browsers());

  test("is bounded for one browser, and an answer to it frees its bound", () => {
    attach(ann);
    const most = framesUpTo(limits.browserUnansweredBytes);
    expect(flood(ann, most + 1)).toBe(most);
    expect(data.frames).toHaveLength(most);
    answer(1);
    expect(flood(ann, most + 1)).toBe(most);
  });

  test("may be all that a page keeps unsent, sent once more after a cut", () => {
    attach(ann);
    const onceMore = (2 * limits.unsentInputBytes) / limits.inputFrameBytes - 1;
    expect(flood(ann, onceMore)).toBe(onceMore);
  });

  test("is bounded for all sockets together, however many come and go", () => {
    let sent = 0;
    for (let connection = 1; connection <= 40; connection++) {
      const browser = makeBrowser(connection);
      relayBrowserMessage(browser, open, data, true);
      sent += flood(browser, 1_000);
    }
    expect(sent * frame.length).toBeLessThanOrEqual(limits.sessionUnansweredBytes);
    expect(sent).toBeGreaterThanOrEqual(framesUpTo(limits.sessionUnansweredBytes) - 1);
  });

  test("includes messages, but for acknowledgements that output pays for", () => {
    attach(ann);
    const ack = (offset: number) => relayBrowserMessage(ann, { type: "ack", terminal: 2, offset }, data, true);
    const payload = new Uint8Array(limits.terminalFrameBytes);
    const acks = limits.browserUnansweredBytes / 40;
    for (let count = 1; count < acks; count++) {
      for (let at = 0; at < limits.ackEveryBytes; at += payload.length) output(0, { terminal: 2, offset: 0, payload });
      expect(ack(count * limits.ackEveryBytes)).toBeNull();
    }
    let refused = null;
    for (let count = 0; count < acks && refused === null; count++) refused = ack(limits.offsetMax);
    expect(refused).toBe("credit_exceeded");
  });

  test("is stored now and then, not with each keystroke", () => {
    attach(ann);
    const saves = ann.saves + data.saves;
    const key = encodeBrowserFrame(frameOf(0, "x"));
    for (let count = 0; count < 1_000; count++) {
      relayInput(ann, key, data);
      answer(1);
    }
    expect(ann.saves + data.saves).toBe(saves);
    flood(ann, 1_000);
    expect(ann.saves + data.saves).toBeGreaterThan(saves);
  });
});

describe("output", () => {
  test("for one connection goes there alone, unchanged", () => {
    attach(ann);
    attach(bob);
    output(2, frameOf(0, "replay"));
    expect([ann.frames, bob.frames]).toEqual([[], [encodeBrowserFrame(frameOf(0, "replay"))]]);
  });

  test("for all reaches every live viewer, and needs no storing once they are live", () => {
    attach(ann);
    attach(bob);
    output(0, frameOf(0, "a"));
    const saves = ann.saves + bob.saves;
    output(0, frameOf(1, "b"));
    const expected = [encodeBrowserFrame(frameOf(0, "a")), encodeBrowserFrame(frameOf(1, "b"))];
    expect([ann.frames, bob.frames]).toEqual([expected, expected]);
    expect(ann.saves + bob.saves).toBe(saves);
  });

  test("for all passes by a viewer whose replay has not come as far, until it has", () => {
    attach(ann, 10);
    attach(bob, 0);
    output(0, frameOf(10, "live"));
    expect(bob.frames).toEqual([]);
    output(2, frameOf(0, "0123456789live"));
    output(0, frameOf(14, "more"));
    expect(bob.frames).toEqual([
      encodeBrowserFrame(frameOf(0, "0123456789live")),
      encodeBrowserFrame(frameOf(14, "more")),
    ]);
  });

  test("passes by whoever opened in an earlier agent generation", () => {
    attach(ann);
    data.attachment.generation = 78;
    output(0, frameOf(0, "x"));
    output(1, frameOf(0, "x"));
    expect(ann.frames).toEqual([]);
  });

  test("of another terminal is not shown", () => {
    attach(ann);
    output(0, frameOf(0, "x", 3));
    expect(ann.frames).toEqual([]);
  });

  test("beyond the frame limit is malformed", () => {
    const payload = new Uint8Array(limits.terminalFrameBytes + 1);
    expect(output(0, { terminal: 2, offset: 0, payload })).toBe(false);
  });
});

test("an exit is told to all viewers of the terminal and to nobody else", () => {
  attach(ann);
  relayAgentEvent(data, { type: "exited", terminal: 2, exitCode: 7 }, browsers());
  expect(ann.told.at(-1)).toEqual({ type: "exited", terminal: 2, exitCode: 7 });
  expect(bob.told).toEqual([]);
});

test("the session's terminals follow what the agent says", () => {
  expect(noteTerminal(data, opened(1))).toBe(true);
  expect(noteTerminal(data, opened(2))).toBe(false);
  expect(noteTerminal(data, { type: "received", connection: 1, terminal: 2, offset: 1 })).toBe(false);
  expect(noteTerminal(data, { type: "exited", terminal: 2, exitCode: 0 })).toBe(true);
  expect(data.attachment.terminals).toEqual([{ terminal: 2, instance, exited: true }]);
});

test("connection numbers go on from the last, past those in use, and wrap before the u16 ends", () => {
  expect(freeConnection(new Set(), 1)).toBe(1);
  expect(freeConnection(new Set([5, 6]), 5)).toBe(7);
  expect(freeConnection(new Set([1]), limits.connectionNumberMax + 1)).toBe(2);
  expect(freeConnection(new Set([limits.connectionNumberMax]), limits.connectionNumberMax)).toBe(1);
});
