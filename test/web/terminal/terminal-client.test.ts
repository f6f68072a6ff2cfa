// Shows what one terminal does with each thing that can happen to it.

import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import { TerminalClient } from "../../../web/terminal/terminal-client.ts";
import type { TerminalEffect, TerminalEvent, TerminalMessage } from "../../../web/terminal/terminal-event.ts";

const CLIENT = "6e1d3c52-0c3f-4e0f-9a55-8a3c7d1f2b10";
const ENTER = new Uint8Array([13]);

const bytes = (text: string) => new TextEncoder().encode(text);
const typed = (text: string): TerminalEvent => ({ type: "typed", bytes: bytes(text) });
const output = (offset: number, text: string): TerminalEvent => ({ type: "output", offset, payload: bytes(text) });
const said = (message: TerminalMessage): TerminalEvent => ({ type: "message", message });
const received = (offset: number) => said({ type: "received", terminal: 0, offset });

function opened(change: Partial<Extract<TerminalMessage, { type: "opened" }>> = {}): TerminalEvent {
  const first = { instance: "t_a", epoch: 1, offset: 0, end: 0, received: 0, cols: 80, rows: 24 };
  return said({ type: "opened", terminal: 0, ...first, ...change });
}

function attachedClient(change: Parameters<typeof opened>[0] = {}): TerminalClient {
  const client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
  client.apply({ type: "reachable" });
  client.apply(opened(change));
  return client;
}

const sentMessages = (effects: TerminalEffect[]) =>
  effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
const sentInput = (effects: TerminalEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === "send_input" ? [[effect.offset, new TextDecoder().decode(effect.payload)]] : [],
  );
const drawn = (effects: TerminalEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === "draw" ? [[new TextDecoder().decode(effect.payload), effect.isReplay]] : [],
  );

describe("attaching", () => {
  it("opens with nothing shown at first and with instance and offset after a cut", () => {
    const client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
    expect(sentMessages(client.apply({ type: "reachable" }))).toEqual([
      { type: "open", terminal: 0, cols: 80, rows: 24, claimsSize: true, client: CLIENT, instance: null, offset: null },
    ]);
    client.apply(opened());
    client.apply(output(0, "hello"));
    client.apply({ type: "unreachable" });
    expect(sentMessages(client.apply({ type: "reachable" }))).toMatchObject([{ instance: "t_a", offset: 5 }]);
  });

  it("opens the shell that the session lists in place of the one shown", () => {
    const client = attachedClient();
    expect(client.apply({ type: "listed", instance: "t_a" })).toEqual([]);
    expect(sentMessages(client.apply({ type: "listed", instance: "t_b" }))).toMatchObject([{ type: "open" }]);
    expect(client.apply({ type: "listed", instance: "t_b" })).toEqual([]);
    client.apply(opened({ instance: "t_b" }));
    expect(sentMessages(client.apply({ type: "end" }))).toEqual([{ type: "close", terminal: 0, instance: "t_b" }]);
  });

  it("opens again on reattach without a cut", () => {
    expect(sentMessages(attachedClient().apply({ type: "reachable" }))).toMatchObject([
      { type: "open", instance: "t_a" },
    ]);
  });

  it("sends a size that changed between open and opened", () => {
    const client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
    client.apply({ type: "reachable" });
    expect(sentMessages(client.apply({ type: "fitted", cols: 100, rows: 30 }))).toEqual([]);
    expect(sentMessages(client.apply(opened()))).toEqual([{ type: "resize", terminal: 0, cols: 100, rows: 30 }]);
  });
});

describe("output", () => {
  it("is drawn from where the last left off", () => {
    const client = attachedClient();
    client.apply(output(0, "abc"));
    expect(drawn(client.apply(output(0, "abc")))).toEqual([]);
    expect(drawn(client.apply(output(1, "bcde")))).toEqual([["de", false]]);
  });

  it("is split where replay ends", () => {
    expect(drawn(attachedClient({ end: 3 }).apply(output(0, "oldnew")))).toEqual([
      ["old", true],
      ["new", false],
    ]);
  });

  it("opens again at a gap, and goes on without what a second open does not bring", () => {
    const client = attachedClient();
    client.apply(output(0, "ab"));
    expect(sentMessages(client.apply(output(4, "ef")))).toMatchObject([{ type: "open", offset: 2 }]);
    client.apply(opened({ offset: 2 }));
    const effects = client.apply(output(4, "ef"));
    expect(effects[0]).toEqual({ type: "show_missing", bytes: 2 });
    expect(drawn(effects)).toEqual([["ef", false]]);
  });

  it("says how much is missing when the oldest output was overwritten", () => {
    const client = attachedClient();
    client.apply(output(0, "abcd"));
    expect(client.apply(said({ type: "truncated", terminal: 0, offset: 1004 }))).toEqual([
      { type: "show_missing", bytes: 1000 },
    ]);
    expect(drawn(client.apply(output(1004, "x")))).toEqual([["x", false]]);
  });

  it("is acknowledged once drawn, each ackEveryBytes", () => {
    const client = attachedClient();
    const drawnTo = (offset: number) => sentMessages(client.apply({ type: "drawn", instance: "t_a", offset }));
    expect(drawnTo(limits.ackEveryBytes - 1)).toEqual([]);
    expect(drawnTo(limits.ackEveryBytes)).toEqual([{ type: "ack", terminal: 0, offset: limits.ackEveryBytes }]);
    expect(drawnTo(limits.ackEveryBytes + 1)).toEqual([]);
  });

  it("of an instance that is gone is not acknowledged", () => {
    const client = attachedClient();
    client.apply({ type: "reachable" });
    client.apply(opened({ instance: "t_b" }));
    expect(client.apply({ type: "drawn", instance: "t_a", offset: 10 * limits.ackEveryBytes })).toEqual([]);
  });
});

describe("input", () => {
  it("typed before the terminal is open is sent once it is", () => {
    const client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
    client.apply(typed("ls\r"));
    client.apply({ type: "reachable" });
    expect(sentInput(client.apply(opened()))).toEqual([[0, "ls\r"]]);
  });

  it("typed during a cut follows what the agent has taken", () => {
    const client = attachedClient();
    expect(sentInput(client.apply(typed("abc")))).toEqual([[0, "abc"]]);
    client.apply({ type: "unreachable" });
    expect(sentInput(client.apply(typed("de")))).toEqual([]);
    client.apply({ type: "reachable" });
    expect(sentInput(client.apply(opened({ received: 2 })))).toEqual([[2, "cde"]]);
  });

  it("goes on where it stood when a container says that it took what was never typed", () => {
    const client = attachedClient({ received: limits.offsetMax });
    expect(sentInput(client.apply(typed("ab")))).toEqual([[0, "ab"]]);
    client.apply(received(limits.offsetMax));
    expect(sentInput(client.apply(typed("c")))).toEqual([[2, "c"]]);
  });

  it("goes out in frames of at most inputFrameBytes", () => {
    const effects = attachedClient().apply(typed("x".repeat(limits.inputFrameBytes + 1)));
    expect(sentInput(effects).map(([offset]) => offset)).toEqual([0, limits.inputFrameBytes]);
  });

  it("that does not fit is refused whole, with a bell", () => {
    const client = attachedClient();
    client.apply({ type: "unreachable" });
    client.apply(typed("x".repeat(limits.unsentInputBytes - 1)));
    expect(client.apply(typed("ab"))).toEqual([{ type: "bell" }]);
    expect(client.apply(typed("a"))).toEqual([]);
  });

  it("that the agent refused is tried again, one frame at a time and ever slower, until it is taken", () => {
    const client = attachedClient();
    client.apply(typed("a".repeat(limits.inputFrameBytes * 2)));
    expect(client.apply(received(0))).toEqual([{ type: "retry_input_after", delayMs: 100 }]);
    const first = client.apply({ type: "retry_input" });
    expect(sentInput(first).map(([offset]) => offset)).toEqual([0]);
    expect(first.at(-1)).toEqual({ type: "retry_input_after", delayMs: 200 });
    expect(sentInput(client.apply(typed("b")))).toEqual([]);
    expect(sentInput(client.apply(received(limits.inputFrameBytes))).map(([offset]) => offset)).toEqual([
      limits.inputFrameBytes,
      2 * limits.inputFrameBytes,
    ]);
  });

  it("for a shell that is gone is shown and never sent", () => {
    const client = attachedClient();
    client.apply({ type: "unreachable" });
    client.apply(typed("rm -rf build\r"));
    client.apply({ type: "reachable" });
    const effects = client.apply(opened({ instance: "t_b" }));
    expect(effects.slice(0, 3)).toEqual([
      { type: "clear" },
      { type: "show_unsent", bytes: bytes("rm -rf build\r") },
      { type: "show_new_shell" },
    ]);
    expect(sentInput(effects)).toEqual([]);
    expect(sentInput(client.apply(typed("ls")))).toEqual([[0, "ls"]]);
  });
});

describe("a shell that comes in place of the one shown", () => {
  const kinds = (effects: TerminalEffect[]) => effects.map(({ type }) => type);

  it("is told as new when nobody asked for it", () => {
    const client = attachedClient();
    client.apply({ type: "unreachable" });
    client.apply({ type: "reachable" });
    expect(kinds(client.apply(opened({ instance: "t_b" })))).toEqual(["clear", "show_new_shell", "phase"]);
  });

  it("is no news when it is the first, the same, or asked for", () => {
    const client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
    client.apply({ type: "reachable" });
    expect(kinds(client.apply(opened()))).toEqual(["phase"]);
    client.apply({ type: "reachable" });
    expect(kinds(client.apply(opened()))).toEqual(["phase"]);
    client.apply(said({ type: "exited", terminal: 0, exitCode: 0 }));
    client.apply({ type: "restart" });
    expect(kinds(client.apply(opened({ instance: "t_b" })))).toEqual(["phase"]);
  });
});

describe("answers of the emulator", () => {
  const answer = (isReplay: boolean): TerminalEvent => ({ type: "answered", bytes: bytes("\u001b[1;1R"), isReplay });

  it("are sent for what is new", () => {
    expect(sentInput(attachedClient().apply(answer(false)))).toHaveLength(1);
  });

  it("are not sent for what is replayed", () => {
    expect(attachedClient().apply(answer(true))).toEqual([]);
  });

  it("are not sent from a tab that was not used last", () => {
    const client = attachedClient();
    client.apply({ type: "used", isHere: false });
    expect(client.apply(answer(false))).toEqual([]);
    client.apply({ type: "used", isHere: true });
    expect(sentInput(client.apply(answer(false)))).toHaveLength(1);
  });
});

describe("the size", () => {
  const SMALL = { cols: 80, rows: 24 };
  const LARGE = { cols: 120, rows: 40 };
  const resized = (size: typeof SMALL) => said({ type: "resized", terminal: 0, ...size });
  const drawnAt = (effects: TerminalEffect[]) =>
    effects.flatMap((effect) => (effect.type === "draw_at" ? [effect.cols] : []));
  const elsewhere = (effects: TerminalEffect[]) =>
    effects.flatMap((effect) => (effect.type === "sized_elsewhere" ? [effect.isElsewhere] : []));

  it("follows another tab, and is taken back by use", () => {
    const client = attachedClient();
    const lost = client.apply(resized(LARGE));
    expect([drawnAt(lost), elsewhere(lost), sentMessages(lost)]).toEqual([[120], [true], []]);
    const taken = client.apply({ type: "touched" });
    expect([drawnAt(taken), elsewhere(taken)]).toEqual([[80], [false]]);
    expect(sentMessages(taken)).toEqual([{ type: "resize", terminal: 0, ...SMALL }]);
    expect(client.apply({ type: "touched" })).toEqual([]);
  });

  it.each([
    ["typing", typed("a")],
    ["coming back to the tab", { type: "used", isHere: true }],
  ] as const)("is taken by %s", (_, event) => {
    const client = attachedClient();
    client.apply({ type: "used", isHere: false });
    client.apply(resized(LARGE));
    expect(sentMessages(client.apply(event))).toEqual([{ type: "resize", terminal: 0, ...SMALL }]);
  });

  it("is left alone by a tab whose room changes while another one has it", () => {
    const client = attachedClient();
    client.apply(resized(LARGE));
    expect(client.apply({ type: "fitted", cols: 60, rows: 20 })).toEqual([]);
    expect(elsewhere(client.apply({ type: "fitted", ...LARGE }))).toEqual([false]);
  });

  it("that comes back late does not undo a newer one of this tab", () => {
    const client = attachedClient();
    client.apply({ type: "fitted", cols: 90, rows: 24 });
    expect(drawnAt(client.apply({ type: "fitted", cols: 100, rows: 24 }))).toEqual([100]);
    expect(client.apply(resized({ cols: 90, rows: 24 }))).toEqual([]);
    expect(client.apply(resized({ cols: 100, rows: 24 }))).toEqual([]);
    expect(drawnAt(client.apply(resized(LARGE)))).toEqual([120]);
  });

  it("is claimed again after a cut only by the tab that had it", () => {
    const claims = (client: TerminalClient) => {
      client.apply({ type: "unreachable" });
      return sentMessages(client.apply({ type: "reachable" })).map(
        (message) => "claimsSize" in message && message.claimsSize,
      );
    };
    expect(claims(attachedClient())).toEqual([true]);
    const follower = attachedClient();
    follower.apply(resized(LARGE));
    expect(claims(follower)).toEqual([false]);
    const hidden = attachedClient();
    hidden.apply({ type: "shown", isShown: false });
    expect(claims(hidden)).toEqual([false]);
  });

  it("is not claimed by a tab that is hidden or not used when it first opens", () => {
    for (const event of [
      { type: "shown", isShown: false },
      { type: "used", isHere: false },
    ] as const) {
      const client = new TerminalClient(0, CLIENT, SMALL);
      client.apply(event);
      expect(sentMessages(client.apply({ type: "reachable" }))).toMatchObject([{ claimsSize: false }]);
      const effects = client.apply(opened(LARGE));
      expect([drawnAt(effects), sentMessages(effects)]).toEqual([[120], []]);
    }
  });
});

describe("an exited shell", () => {
  function exitedClient(): TerminalClient {
    const client = attachedClient();
    client.apply(said({ type: "exited", terminal: 0, exitCode: 3 }));
    return client;
  }

  it("still draws the output that comes after its end was told", () => {
    const client = exitedClient();
    const drawn = client.apply({ type: "output", offset: 0, payload: bytes("last words") });
    expect(drawn.map(({ type }) => type)).toEqual(["draw"]);
  });

  it("stays until Enter asks for a new one", () => {
    const client = exitedClient();
    expect(client.phase).toEqual({ name: "exited", exitCode: 3 });
    expect(client.apply(typed("ls"))).toEqual([]);
    expect(client.apply({ type: "reachable" })).toEqual([]);
    const effects = client.apply({ type: "typed", bytes: ENTER });
    expect(effects[0]).toEqual({ type: "clear" });
    expect(sentMessages(effects)).toMatchObject([
      { type: "close", instance: "t_a" },
      { type: "open", instance: null, offset: null },
    ]);
  });

  it("gives way to the shell that another tab has started, and ends nothing but itself", () => {
    const client = exitedClient();
    const sent = sentMessages(client.apply({ type: "typed", bytes: ENTER }));
    expect(sent.flatMap((message) => (message.type === "close" ? [message.instance] : []))).toEqual(["t_a"]);
    client.apply(opened({ instance: "t_b", end: 5 }));
    expect(client.phase).toEqual({ name: "attached" });
    expect(drawn(client.apply(output(0, "alive")))).toEqual([["alive", true]]);
    expect(sentMessages(client.apply({ type: "reachable" }))).toMatchObject([{ type: "open", instance: "t_b" }]);
  });

  it("is replaced once the way is back when Enter came during a cut", () => {
    const client = exitedClient();
    client.apply({ type: "unreachable" });
    expect(sentMessages(client.apply({ type: "typed", bytes: ENTER }))).toEqual([]);
    expect(sentMessages(client.apply({ type: "reachable" })).map(({ type }) => type)).toEqual(["close", "open"]);
  });
});

describe("a refused terminal", () => {
  const refused = (code: "terminal_failed" | "container_unreachable" | "terminal_not_open") =>
    said({ type: "error", terminal: 0, code, message: "No PTY is left." });

  it("says why and is tried again on Enter", () => {
    const client = new TerminalClient(0, CLIENT, { cols: 80, rows: 24 });
    client.apply({ type: "reachable" });
    client.apply(refused("terminal_failed"));
    expect(client.phase).toEqual({ name: "failed", message: "No PTY is left." });
    expect(sentMessages(client.apply({ type: "typed", bytes: ENTER }))).toMatchObject([{ type: "open" }]);
  });

  it("waits for the way when the container cannot be reached", () => {
    const client = attachedClient();
    client.apply(refused("container_unreachable"));
    expect(client.phase).toEqual({ name: "waiting" });
    expect(sentMessages(client.apply({ type: "reachable" }))).toMatchObject([{ type: "open", instance: "t_a" }]);
  });

  it("is opened again when the edge does not know it to be open", () => {
    expect(sentMessages(attachedClient().apply(refused("terminal_not_open")))).toMatchObject([{ type: "open" }]);
  });
});
