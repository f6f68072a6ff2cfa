// Shows the browser socket's life as one pure step: dialing, pings, silence, back-off and the ends that are final.

import { describe, expect, it } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import {
  type ConnectionEvent,
  type ConnectionState,
  nextWake,
  stepConnection,
} from "../../../web/session/connection.ts";

/** Applies events at their times; random is 1 - epsilon: the longest wait there is. */
function run(events: readonly [number, ConnectionEvent][], random = 0.999) {
  let state: ConnectionState = { name: "closed" };
  const effects: string[] = [];
  for (const [now, event] of events) {
    const step = stepConnection(state, event, now, random);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

const open: [number, ConnectionEvent][] = [
  [0, { type: "start" }],
  [10, { type: "opened" }],
];
const woke: ConnectionEvent = { type: "woke" };
const cut: ConnectionEvent = { type: "closed", code: 1006 };

describe("silence", () => {
  it("is broken by a ping, and ends the socket when nothing answers in time", () => {
    const pingAt = 10 + limits.browserPingEveryMs;
    const pinged = run([...open, [pingAt, woke]]);
    expect(pinged.effects).toEqual(["dial", "ping"]);
    expect(nextWake(pinged.state)).toBe(10 + limits.browserSilenceMs);
    expect(run([...open, [pingAt, woke], [10 + limits.browserSilenceMs, woke]])).toMatchObject({
      state: { name: "waiting", attempt: 1 },
      effects: ["dial", "ping", "hang_up"],
    });
  });

  it("is over with anything that is heard", () => {
    const { state } = run([...open, [10_010, woke], [10_020, { type: "heard" }]]);
    expect(state).toMatchObject({ name: "open", deadAt: null, pingAt: 10_020 + limits.browserPingEveryMs });
  });

  it("is not assumed when timers were held back: a ping goes first", () => {
    expect(run([...open, [600_000, woke]])).toMatchObject({ state: { name: "open" }, effects: ["dial", "ping"] });
  });
});

describe("a cut", () => {
  it("waits at most the first back-off, and twice as long after each dial that fails", () => {
    const events: [number, ConnectionEvent][] = [...open, [20_000, cut]];
    const waits: number[] = [];
    let now = 20_000;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const at = nextWake(run(events).state) ?? 0;
      waits.push(at - now);
      events.push([at, woke], [at, cut]);
      now = at;
    }
    expect(waits).toEqual([100, 200, 400, 799, 1598, 3197, 4995, 4995]);
  });

  it("may be followed at once: the jitter is full", () => {
    expect(nextWake(run([...open, [20_000, cut]], 0).state)).toBe(20_000);
  });

  it("of a socket that did not last counts on from the attempts before it", () => {
    const events: [number, ConnectionEvent][] = [
      ...open,
      [20, cut],
      [200, woke],
      [210, { type: "opened" }],
      [220, cut],
    ];
    expect(run(events).state).toMatchObject({ name: "waiting", attempt: 2 });
  });

  it("is ended by the network or the tab coming back", () => {
    expect(run([...open, [20_000, cut], [20_001, { type: "nudged" }]])).toMatchObject({
      state: { name: "dialing", attempt: 1 },
      effects: ["dial", "dial"],
    });
  });

  it("is assumed of a dial that nothing answers", () => {
    expect(
      run([
        [0, { type: "start" }],
        [limits.browserSilenceMs, woke],
      ]),
    ).toMatchObject({
      state: { name: "waiting" },
      effects: ["dial", "hang_up"],
    });
  });
});

describe("close codes", () => {
  it.each(Object.entries(closeCodes))("%s leads where it says", (name, { code, then }) => {
    const { state } = run([...open, [20, { type: "closed", code }]]);
    expect(state).toMatchObject(then === "retry" ? { name: "waiting" } : { name: "over", close: name, next: then });
  });

  it.each([1000, 1001, 1005, 1006, 1012, 4999])("%i is a cut", (code) => {
    expect(run([...open, [20, { type: "closed", code }]]).state.name).toBe("waiting");
  });
});

it("is looked at with a ping when the tab is looked at again", () => {
  expect(run([...open, [5_000, { type: "nudged" }]]).effects).toEqual(["dial", "ping"]);
});

it("hangs up when the page lets go, and dials no more", () => {
  expect(run([...open, [50, { type: "stop" }], [60, { type: "nudged" }]])).toEqual({
    state: { name: "closed" },
    effects: ["dial", "hang_up"],
  });
});
