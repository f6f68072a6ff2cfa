// The relay between recorded lines: who gets which bytes, unchanged, and what is dropped or refused.

import { beforeEach, describe, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { type BrowserFrame, encodeBrowserFrame, encodeRunnerFrame, PROBE_FRAME } from "#wire/terminal-frame.ts";
import { freeConnection } from "../../../worker/session/connections.ts";
import { type AgentEvent, relayAgentEvent, relayOutput } from "../../../worker/session/relay-to-browsers.ts";
import { relayBrowserMessage, relayInput, relayProbe } from "../../../worker/session/relay-to-host.ts";
import { noteMark, noteRead } from "../../../worker/session/unread.ts";
import { type RecordedBrowser, type RecordedData, recordBrowser, recordData } from "../support/recorded-line.ts";

const client = "6f1c1c1e-0000-4000-8000-000000000001";
const instance = `t_${"a".repeat(26)}`;
const other = `t_${"b".repeat(26)}`;

const size = { cols: 80, rows: 24 };
const open = { type: "open", terminal: 2, ...size, claimsSize: true, client, instance: null, offset: null } as const;
const frameOf = (offset: number, text: string, terminal = 2): BrowserFrame => ({
  terminal,
  offset,
  payload: new TextEncoder().encode(text),
});
const opened = (connection: number, offset = 0): AgentEvent => {
  return { type: "opened", connection, terminal: 2, instance, offset, end: offset, received: 0, ...size };
};

const unheard = (): void => {};

let ann: RecordedBrowser;
let bob: RecordedBrowser;
let data: RecordedData;
const browsers = () => [ann, bob];
const output = (connection: number, frame: BrowserFrame) =>
  relayOutput(data, encodeRunnerFrame({ connection, ...frame }), browsers()).refused;
const event = (agentEvent: AgentEvent) => relayAgentEvent(data, agentEvent, browsers());

beforeEach(() => {
  ann = recordBrowser(1);
  bob = recordBrowser(2);
  data = recordData(77);
});

function attach(browser: RecordedBrowser, offset = 0): void {
  relayBrowserMessage(browser, open, data, true);
  event(opened(browser.attachment.connection, offset));
}

describe("an open", () => {
  test("goes to the host with its connection, and its answer comes back with the epoch", () => {
    attach(ann);
    expect(data.told).toEqual([{ ...open, connection: 1 }]);
    expect(ann.told).toEqual([
      { type: "opened", terminal: 2, instance, epoch: 4, offset: 0, end: 0, received: 0, ...size },
    ]);
    expect(bob.told).toEqual([]);
  });

  test.for([
    ["is refused while the session is not ready", false, 77, "session_not_ready"],
    ["is refused while the agent is down", true, null, "container_unreachable"],
  ] as const)("%s", ([, isReady, generation, code]) => {
    data = recordData(generation);
    relayBrowserMessage(ann, open, data, isReady);
    expect(ann.told).toMatchObject([{ type: "error", code, terminal: 2 }]);
    expect(data.told).toEqual([]);
  });

  test("is refused while there is no data socket", () => {
    relayBrowserMessage(ann, open, null, true);
    expect(ann.told).toMatchObject([{ type: "error", code: "container_unreachable" }]);
  });

  test("that fails is told to its browser alone, which is no viewer then", () => {
    relayBrowserMessage(ann, open, data, true);
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
    expect(relayInput(bob, encodeBrowserFrame(frame), data, unheard)).toBeNull();
    expect(data.frames).toEqual([encodeRunnerFrame({ connection: 2, ...frame })]);
  });

  test("for a terminal that was never opened is refused by name, and for one of an earlier generation dropped", () => {
    relayInput(ann, encodeBrowserFrame(frameOf(0, "x")), data, unheard);
    expect(ann.told).toMatchObject([{ type: "error", code: "terminal_not_open", terminal: 2 }]);
    attach(bob);
    data.attachment.generation = 78;
    relayInput(bob, encodeBrowserFrame(frameOf(0, "x")), data, unheard);
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
    expect(relayInput(ann, frame, data, unheard)).toBe("bad_message");
  });
});

describe("what a host is not proved to have read", () => {
  const frame = encodeBrowserFrame({ terminal: 2, offset: 0, payload: new Uint8Array(limits.inputFrameBytes) });
  const framesUpTo = (bytes: number) => Math.floor(bytes / frame.length);
  /** How many frames go through before one closes the socket, `most` at most. */
  const flood = (browser: RecordedBrowser, most = 1_000): number => {
    for (let sent = 0; sent < most; sent++) {
      const refused = relayInput(browser, frame, data, unheard);
      if (refused === null) continue;
      expect(refused).toBe("credit_exceeded");
      return sent;
    }
    return most;
  };
  const mark = (number: number) => {
    noteMark(data.attachment.unread, number, 0);
    data.attachment.marks.sent += 1;
  };
  const read = (number: number) => {
    data.attachment.marks.read += noteRead(data.attachment.unread, number);
  };
  const most = framesUpTo(limits.browserUnansweredBytes) - 1;

  test("is bounded for one browser, whatever its terminals answer", () => {
    attach(ann);
    expect(flood(ann)).toBeGreaterThanOrEqual(most);
    event({ type: "received", connection: 1, terminal: 2, offset: 0 });
    event(opened(1));
    output(0, frameOf(0, "x"));
    expect(flood(ann)).toBe(0);
    expect(data.frames.length).toBeLessThanOrEqual(most + 1);
  });

  test("is what was sent after the last mark that came back", () => {
    attach(ann);
    expect(flood(ann, most - 4)).toBe(most - 4);
    mark(1);
    expect(flood(ann)).toBeLessThan(6);
    mark(2);
    read(1);
    const freed = flood(ann);
    expect(freed).toBeGreaterThanOrEqual(most - 5);
    expect(freed).toBeLessThan(most);
    read(2);
    expect(flood(ann)).toBeGreaterThan(3);
  });

  test("may be all that a page keeps unsent, sent once more after a cut", () => {
    attach(ann);
    const onceMore = (2 * limits.unsentInputBytes) / limits.inputFrameBytes - 1;
    expect(flood(ann, onceMore)).toBe(onceMore);
  });

  test("leaves the object's own messages room, however many browsers flood", () => {
    data.attachment.unread.bytes = limits.hostUnreadBytes - limits.markEveryBytes - frame.length;
    attach(ann);
    expect(flood(ann)).toBe(0);
  });

  test("includes messages", () => {
    attach(ann);
    let refused = null;
    let acks = 0;
    for (; refused === null && acks < 20_000; acks++) {
      refused = relayBrowserMessage(ann, { type: "ack", terminal: 2, offset: 0 }, data, true);
    }
    expect(refused).toBe("credit_exceeded");
    expect(acks).toBeGreaterThan(5_000);
  });

  test("is stored now and then, not with each keystroke", () => {
    attach(ann);
    const saves = ann.saves + data.saves;
    const key = encodeBrowserFrame(frameOf(0, "x"));
    for (let count = 0; count < 1_000; count++) relayInput(ann, key, data, unheard);
    expect(ann.saves + data.saves).toBe(saves);
    flood(ann, 16);
    expect(ann.saves).toBeGreaterThan(saves - data.saves);
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
    expect(output(0, { terminal: 2, offset: 0, payload })).toBe("bad_message");
  });

  test("is not for a viewer that is behind until one frame was for it alone", () => {
    attach(ann);
    attach(bob);
    output(0, frameOf(0, "a"));
    expect(event({ type: "behind", connection: 2, terminal: 2, offset: 1 }).refused).toBeNull();
    output(0, frameOf(1, "b"));
    expect(bob.frames).toHaveLength(1);
    output(2, frameOf(1, "b"));
    output(0, frameOf(2, "c"));
    expect(bob.frames).toEqual(["a", "b", "c"].map((text, offset) => encodeBrowserFrame(frameOf(offset, text))));
    expect(ann.frames).toHaveLength(3);
  });

  test("of another instance is for nobody who has not opened it", () => {
    attach(ann);
    attach(bob);
    output(0, frameOf(0, "old"));
    relayBrowserMessage(ann, open, data, true);
    event({ type: "opened", connection: 1, terminal: 2, instance: other, offset: 0, end: 0, received: 0, ...size });
    output(0, frameOf(0, "new"));
    expect(bob.frames).toEqual([encodeBrowserFrame(frameOf(0, "old"))]);
    expect(ann.frames.at(-1)).toEqual(encodeBrowserFrame(frameOf(0, "new")));
    attach(bob, 3);
    expect(data.attachment.terminals).toEqual([{ terminal: 2, instance, exited: false }]);
  });
});

describe("what a host says", () => {
  const resized: AgentEvent = { type: "resized", terminal: 2, cols: 100, rows: 30 };

  test("of an exit or a size is told to all viewers of the terminal and to nobody else", () => {
    attach(ann);
    for (const told of [{ type: "exited", terminal: 2, exitCode: 7 }, resized] as const) {
      event(told);
      expect(ann.told.at(-1)).toEqual(told);
    }
    expect(bob.told).toEqual([]);
  });

  test("of its terminals is what the session shows, and news once", () => {
    relayBrowserMessage(ann, open, data, true);
    relayBrowserMessage(bob, open, data, true);
    const news = [opened(1), opened(2), { type: "exited", terminal: 2, exitCode: 0 } as const].map(event);
    expect(news.map(({ isNews }) => isNews)).toEqual([true, false, true]);
    expect(event({ type: "exited", terminal: 2, exitCode: 0 })).toEqual({ refused: null, isNews: false, sent: 2 });
    expect(data.attachment.terminals).toEqual([{ terminal: 2, instance, exited: true }]);
  });

  test("is counted once for each browser that hears it", () => {
    attach(ann);
    attach(bob);
    const frame = encodeRunnerFrame({ connection: 0, ...frameOf(0, "a") });
    expect(relayOutput(data, frame, browsers())).toEqual({ refused: null, isNews: false, sent: 2 });
    expect(event(resized).sent).toBe(2);
  });

  test("does not bring back a terminal that was closed as another tab opened it", () => {
    attach(ann);
    relayBrowserMessage(bob, open, data, true);
    relayBrowserMessage(ann, { type: "close", terminal: 2, instance }, data, true);
    expect(event(opened(2)).isNews).toBe(false);
    expect(data.attachment.terminals).toEqual([]);
    relayBrowserMessage(bob, open, data, true);
    expect(event({ ...opened(2), instance: other } as AgentEvent).isNews).toBe(true);
  });

  test("for a browser that left before its open was answered still names the terminal, once for each open", () => {
    data.attachment.orphanedOpens = 1;
    expect(event(opened(9))).toEqual({ refused: null, isNews: true, sent: 0 });
    const second = event({ ...opened(9), instance: other } as AgentEvent);
    expect(second).toEqual({ refused: null, isNews: false, sent: 0 });
    expect(data.attachment.terminals).toEqual([{ terminal: 2, instance, exited: false }]);
  });

  test.for([
    ["an open that was answered already", opened(1)],
    ["an open that failed after it was answered", { type: "open_failed", connection: 1, terminal: 2, message: "x" }],
    ["a viewer behind that is not live", { type: "behind", connection: 1, terminal: 2, offset: 0 }],
    ["output as lost that was sent", { type: "truncated", connection: 1, terminal: 2, offset: 3 }],
  ] satisfies [string, AgentEvent][])("of %s is a breach", ([, said]) => {
    attach(ann, 9);
    expect(event(said).refused).toBe("bad_message");
  });

  test.for(["behind", "truncated", "received"] as const)("of %s for nobody is dropped", (type) => {
    for (const connection of [1, 9]) event({ type, connection, terminal: 2, offset: 5 });
    expect([ann.told, bob.told]).toEqual([[], []]);
  });
});

describe("a probe", () => {
  test.for(["host", "container"] as const)("of the %s goes there with its connection, and its answer back", (at) => {
    expect(relayProbe(ann, { type: "probe", probe: 5, at }, data)).toBeNull();
    expect(data.told).toEqual([{ type: "probe", probe: 5, at, connection: 1 }]);
    event({ type: "probed", probe: 5, at, connection: 1 });
    expect([ann.told, bob.told]).toEqual([[{ type: "probed", probe: 5, at }], []]);
  });

  test("of a container whose agent is down is answered as unreachable, of its host it is not", () => {
    data = recordData(null);
    relayProbe(ann, { type: "probe", probe: 1, at: "container" }, data);
    relayProbe(bob, { type: "probe", probe: 1, at: "host" }, data);
    expect(ann.told).toMatchObject([{ type: "error", code: "container_unreachable" }]);
    expect(data.told).toEqual([{ type: "probe", probe: 1, at: "host", connection: 2 }]);
  });

  test("in bytes comes back as it came, up to its limit, with no host at all", () => {
    const probe = new Uint8Array(limits.probeFrameBytes).fill(PROBE_FRAME);
    expect(relayInput(ann, probe, null, unheard)).toBeNull();
    expect(ann.frames).toEqual([probe]);
    expect(relayInput(ann, new Uint8Array(limits.probeFrameBytes + 1).fill(PROBE_FRAME), null, unheard)).toBe(
      "bad_message",
    );
  });
});

describe("credit", () => {
  const most = limits.creditWindowBytes + limits.creditSlackBytes;
  const whole = new Uint8Array(limits.terminalFrameBytes);
  /** Sends frames for `connection` from `from` on until one is refused; answers where that one ends. */
  const overrun = (connection: number, from: number): number => {
    for (let offset = from; offset < from + 10 * most; offset += whole.length) {
      const refused = output(connection, { terminal: 2, offset, payload: whole });
      if (refused === null) continue;
      expect(refused).toBe("credit_exceeded");
      return offset + whole.length - from;
    }
    return Number.POSITIVE_INFINITY;
  };
  const ack = (browser: RecordedBrowser, offset: number) =>
    relayBrowserMessage(browser, { type: "ack", terminal: 2, offset }, data, true);

  test.for([
    ["replay", 1],
    ["live output", 0],
  ] as const)("of a viewer bounds %s to its window and the slack", ([, connection]) => {
    attach(ann);
    expect(overrun(connection, 0)).toBe(most + whole.length);
    expect(ann.frames.length * whole.length).toBe(most);
  });

  test("comes from what was acknowledged of what was sent", () => {
    attach(ann);
    output(0, { terminal: 2, offset: 0, payload: whole });
    ack(ann, limits.offsetMax);
    expect(data.told.at(-1)).toEqual({ type: "ack", terminal: 2, offset: whole.length, connection: 1 });
    expect(overrun(0, whole.length)).toBe(most + whole.length);
  });

  test("is lost to sleep by less than the slack, and never by what was acknowledged later", () => {
    attach(ann);
    const windows = 4 * (limits.creditWindowBytes / whole.length);
    for (let frame = 0; frame < windows; frame++) {
      expect(output(0, { terminal: 2, offset: frame * whole.length, payload: whole })).toBeNull();
      ack(ann, (frame + 1) * whole.length);
    }
    const shown = windows * whole.length;
    ann.sleep();
    expect(overrun(0, shown)).toBeGreaterThan(limits.creditWindowBytes + whole.length);
    ack(ann, shown);
    expect(data.told.at(-1)).toMatchObject({ offset: shown });
  });

  test("may be acknowledged before the first output after a sleep, as far as it can have been sent", () => {
    attach(ann);
    for (let offset = 0; offset < limits.creditWindowBytes; offset += whole.length) {
      output(0, { terminal: 2, offset, payload: whole });
    }
    ann.sleep();
    ack(ann, limits.creditWindowBytes);
    expect(data.told.at(-1)).toMatchObject({ offset: limits.creditWindowBytes });
    ack(ann, limits.offsetMax);
    expect(data.told.at(-1)).toMatchObject({ offset: limits.creditWindowBytes + most });
  });

  test("is not had back for what was under way when output was lost", () => {
    attach(ann);
    for (let offset = 0; offset < limits.creditWindowBytes; offset += whole.length) {
      output(1, { terminal: 2, offset, payload: whole });
    }
    const lost = 5 * most;
    event({ type: "truncated", connection: 1, terminal: 2, offset: lost });
    expect(overrun(1, lost)).toBe(limits.creditSlackBytes + whole.length);
  });

  test("of one viewer is not another's: a tab that draws nothing ends what is sent to both", () => {
    attach(ann);
    attach(bob);
    for (let offset = 0; offset < most; offset += whole.length) {
      expect(output(0, { terminal: 2, offset, payload: whole })).toBeNull();
      ack(ann, offset + whole.length);
    }
    expect(output(0, { terminal: 2, offset: most, payload: whole })).toBe("credit_exceeded");
  });

  test("is not to be had by sending again what was sent", () => {
    attach(ann);
    expect(output(0, frameOf(0, "once"))).toBeNull();
    expect(output(0, frameOf(0, "once"))).toBe("bad_message");
    expect(output(1, frameOf(3, "e"))).toBe("bad_message");
  });
});

test("connection numbers go on from the last, past those in use, and wrap before the u16 ends", () => {
  expect(freeConnection(new Set(), 1)).toBe(1);
  expect(freeConnection(new Set([5, 6]), 5)).toBe(7);
  expect(freeConnection(new Set([1]), limits.connectionNumberMax + 1)).toBe(2);
  expect(freeConnection(new Set([limits.connectionNumberMax]), limits.connectionNumberMax)).toBe(1);
});
