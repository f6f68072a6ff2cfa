// What a host or a browser may not say, however well formed: closed by name at the limit, and not before it.

import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { closeCodes, type CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { encodeRunnerFrame, PROBE_FRAME } from "#wire/terminal-frame.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import type { CountingTab } from "../support/counting-tab.ts";
import { INSTANCE, OPEN, TerminalPair } from "../support/terminal-pair.ts";

const MUCH_TOO_MANY = 3;
const KEEN = { draws: true, returnsMarks: true };
const DEAF = { draws: false, returnsMarks: false };
const other = `t_${"b".repeat(26)}`;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** The object has taken all that the host said before. */
async function settle(pair: TerminalPair, tab: CountingTab, connection: number, probe: number): Promise<void> {
  pair.data.say({ type: "probed", connection, probe, at: "host" });
  await tab.until(() => tab.said.some((one) => one.type === "probed" && one.probe === probe), "the host's last word");
}

describe("a host", () => {
  const words: Record<string, [CloseName, (pair: TerminalPair, connection: number) => unknown]> = {
    "hello twice": [
      "bad_message",
      ({ claim: { session, epoch } }) => ({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, session, epoch }),
    ],
    "an answer to an open that nobody sent": ["bad_message", (pair, connection) => pair.opened(connection, other)],
    "a failure of an open that nobody sent": [
      "bad_message",
      (_, connection) => ({ type: "open_failed", connection, terminal: 0, message: "no" }),
    ],
    "one terminal twice": [
      "bad_message",
      () => ({
        type: "agent",
        state: "up",
        terminals: Array(2).fill({ terminal: 0, instance: INSTANCE, exited: false }),
      }),
    ],
  };

  test.for(Object.entries(words))("that says %s is closed by name", async ([, [name, say]], { task }) => {
    const pair = await TerminalPair.bringUp(`says-${task.id.replaceAll(/[^a-z0-9]/gi, "").slice(-12)}`);
    const { tab, connection } = await pair.openTab(KEEN);
    await settle(pair, tab, connection, 1);
    pair.data.say(say(pair, connection));
    expect(await pair.data.closeCode()).toBe(closeCodes[name].code);
    expect(tab.peer.closeName).toBeNull();
    expect(await pair.learner.session()).toMatchObject({ state: "ready", reachable: false });
  });

  test("that says what nobody waits for changes and costs nothing", async () => {
    const pair = await TerminalPair.bringUp("nobody");
    const { tab, connection } = await pair.openTab(KEEN);
    await settle(pair, tab, connection, 1);
    const { unread } = tab;
    for (let terminal = 0; terminal < limits.terminalsPerSession; terminal++) {
      pair.data.say({ ...pair.opened(9_999, other), terminal });
      pair.data.say({ type: "exited", terminal: 7, exitCode: terminal });
      pair.data.say({ type: "laid", request: 77, version: "f".repeat(64) });
      pair.data.say({ type: "received", connection: 9_999, terminal, offset: 5 });
    }
    await settle(pair, tab, connection, 2);
    expect(tab.unread - unread).toBeLessThan(300);
    expect((await pair.learner.session()).terminals).toEqual([{ terminal: 0, instance: INSTANCE, exited: false }]);
  });

  test("that sends beyond the credit of a tab that draws nothing is closed, and the next one is taken", async () => {
    const pair = await TerminalPair.bringUp("beyond");
    const { tab, connection } = await pair.openTab(DEAF);
    for (let sent = 0; sent < limits.creditWindowBytes + limits.creditSlackBytes; sent += limits.terminalFrameBytes) {
      pair.print(limits.terminalFrameBytes);
    }
    await settle(pair, tab, connection, 1);
    expect(tab.shown).toBe(pair.printed);
    pair.print(1);
    expect(await pair.data.closeCode()).toBe(closeCodes.credit_exceeded.code);
    pair.data = await pair.host.attach(pair.claim);
    pair.data.say({ type: "agent", state: "up", terminals: [] });
    await tab.until(() => tab.said.some(({ type }) => type === "reattach"), "reattach");
    expect(tab.shown).toBe(pair.printed - 1);
  });

  test("that says over and over that the agent came is closed beyond what is allowed", async () => {
    const pair = await TerminalPair.bringUp("flapping");
    const { tab } = await pair.openTab(KEEN);
    const reattaches = () => tab.said.filter(({ type }) => type === "reattach").length;
    const allowed = limits.agentChangesBurst - 1;
    for (let count = 0; count < allowed; count++) pair.data.say({ type: "agent", state: "up", terminals: [] });
    await tab.until(() => reattaches() === allowed, "all that is allowed");
    // Far more than comes back to its allowance meanwhile, however slow the machine.
    for (let count = 0; count < MUCH_TOO_MANY * allowed; count++)
      pair.data.say({ type: "agent", state: "up", terminals: [] });
    expect(await pair.data.closeCode()).toBe(closeCodes.rate_exceeded.code);
    expect(reattaches()).toBeLessThan(MUCH_TOO_MANY * allowed);
  });
});

describe("a browser", () => {
  test("may open so often, and is closed beyond it", async () => {
    const pair = await TerminalPair.bringUp("opener");
    const { tab } = await pair.openTab(KEEN);
    const allowed = limits.browserOrdersBurst / limits.openOrders - 1;
    for (let count = 0; count < allowed; count++) {
      tab.say(OPEN);
      await pair.data.hear("open");
    }
    for (let count = 0; count < MUCH_TOO_MANY * allowed; count++) tab.say(OPEN);
    expect(await tab.closeName()).toBe("rate_exceeded");
  });

  test("may probe so often, and is closed beyond it", async () => {
    const pair = await TerminalPair.bringUp("prober");
    const { tab } = await pair.openTab(KEEN);
    const allowed = limits.browserOrdersBurst - limits.openOrders;
    for (let probe = 1; probe <= MUCH_TOO_MANY * allowed; probe++) tab.say({ type: "probe", probe, at: "container" });
    expect(await tab.closeName()).toBe("rate_exceeded");
    const heard = pair.data.left.filter((one) => "text" in one && one.text.includes('"probe"'));
    expect(heard.length).toBeGreaterThanOrEqual(allowed);
  });

  test("may send so many frames, and is closed beyond them", async () => {
    const pair = await TerminalPair.bringUp("flood-tab");
    const { tab } = await pair.openTab(KEEN);
    const probe = Uint8Array.of(PROBE_FRAME);
    // The clock stands still: nothing comes back to its allowance.
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    onTestFinished(() => clock.mockRestore());
    for (let count = 0; count < limits.browserFramesBurst; count++) tab.peer.send(probe);
    expect(await tab.closeName()).toBe("rate_exceeded");
  });

  test("that comes and goes too often has to wait", async () => {
    const pair = await TerminalPair.bringUp("comer");
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    onTestFinished(() => clock.mockRestore());
    let taken = 0;
    for (let code = 0; code !== closeCodes.rate_exceeded.code; taken++) {
      expect(taken).toBeLessThanOrEqual(limits.browserAdmissionsBurst);
      const socket = await pair.learner.connect(pair.claim.session);
      socket.say("that is no message, and ends it");
      code = await socket.closeCode();
    }
    expect(taken).toBeGreaterThan(limits.browserSocketsPerUser);
  });

  test("shares what a few may send with its other tabs when it has many", async () => {
    const pair = await TerminalPair.bringUp("many-tabs");
    const { tab } = await pair.openTab(KEEN);
    for (let count = 1; count < 4; count++) await (await pair.learner.connect(pair.claim.session)).hear("session");
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    onTestFinished(() => clock.mockRestore());
    for (let count = 0; count < limits.browserFramesBurst / 2; count++) tab.peer.send(Uint8Array.of(PROBE_FRAME));
    expect(await tab.closeName()).toBe("rate_exceeded");
  });

  test("that says it drew what was never sent does not make its host look bad", async () => {
    const pair = await TerminalPair.bringUp("liar");
    const { tab } = await pair.openTab(DEAF);
    pair.print(1_000);
    await tab.until(() => tab.shown === pair.printed, "output");
    tab.say({ type: "ack", terminal: 0, offset: limits.offsetMax });
    expect(await pair.data.hear("ack")).toMatchObject({ offset: 1_000 });
  });
});

test("sockets that were closed and do not go are held up to a bound, and then all are cut and dial again", async () => {
  const pair = await TerminalPair.bringUp("lingering");
  const { tab, connection } = await pair.openTab(KEEN);
  // Not accepted on this side, so that it never answers the close.
  await pair.learner.dialUnread(pair.claim.session);
  const hold = (unreadBytes: number) =>
    runInDurableObject(pair.object, (_, state) => {
      const unread = state
        .getWebSockets("browser")
        .find((socket) => socket.deserializeAttachment().connection !== connection);
      unread?.serializeAttachment({ kind: "over", unreadBytes });
    });
  await hold(limits.sessionUnreadBytes);
  await (await pair.learner.connect(pair.claim.session)).hear("session");
  await hold(limits.sessionUnreadBytes + 1);
  expect(await (await pair.learner.connect(pair.claim.session)).closeCode()).toBe(closeCodes.internal.code);
  expect([await tab.closeName(), await pair.data.closeCode()]).toEqual(["cut", 1006]);
  pair.data = await pair.host.attach(pair.claim);
  pair.data.say({ type: "agent", state: "up", terminals: [] });
  await pair.openTab(KEEN);
});

test("sockets that were closed and go on talking are heard up to a bound, and then all are cut and dial again", async () => {
  const pair = await TerminalPair.bringUp("talking-on");
  const { tab, connection } = await pair.openTab(KEEN);
  const talker = await pair.learner.dialUnread(pair.claim.session);
  const closed = new Promise((resolve) => talker.addEventListener("close", resolve));
  // It hears the close and does not answer it.
  talker.accept({ allowHalfOpen: true });
  talker.send("!");
  await closed;
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
  onTestFinished(() => clock.mockRestore());
  for (let frame = 0; frame < limits.browserFramesBurst; frame++) talker.send("x");
  await settle(pair, tab, connection, 1);
  for (let frame = 0; frame < limits.browserFramesBurst; frame++) talker.send("x");
  expect([await tab.closeName(), await pair.data.closeCode()]).toEqual(["cut", 1006]);
});

describe("sleep in the middle of everything", () => {
  test.for(["hibernate", "close"] as const)("loses nothing (sockets: %s)", async (webSockets) => {
    const pair = await TerminalPair.bringUp(`mid-flow-${webSockets}`);
    const { tab, connection } = await pair.openTab(KEEN);
    for (let round = 1; round <= 12; round++) {
      for (let frame = 0; frame < 8; frame++) pair.print(limits.terminalFrameBytes);
      await tab.until(() => tab.shown === pair.printed, "the output");
      await evictDurableObject(pair.object, { webSockets });
      if (webSockets === "close") break;
      pair.print(1);
      pair.type(tab, 1);
      await pair.data.hearBytes();
      await settle(pair, tab, connection, round);
    }
    if (webSockets === "close") {
      expect([await tab.closeName(), await pair.data.closeCode()]).toEqual(["cut", 1006]);
      pair.data = await pair.host.attach(pair.claim);
      pair.data.say({ type: "agent", state: "up", terminals: [] });
      const { tab: again } = await pair.openTab(KEEN);
      pair.print(1);
      await again.until(() => again.shown === pair.printed, "the output");
      expect(again.faults).toBe(0);
    }
    expect([tab.faults, (await pair.learner.session()).state]).toEqual([0, "ready"]);
  });

  test("keeps a viewer that fell behind behind", async () => {
    const pair = await TerminalPair.bringUp("asleep-behind");
    const { tab, connection } = await pair.openTab(KEEN);
    pair.print(10);
    pair.data.say({ type: "behind", connection, terminal: 0, offset: 10 });
    await settle(pair, tab, connection, 1);
    await evictDurableObject(pair.object, { webSockets: "hibernate" });
    pair.print(5);
    const missed = encodeRunnerFrame({ connection, terminal: 0, offset: 10, payload: new Uint8Array(5) });
    pair.data.sendBytes(missed);
    await tab.until(() => tab.shown === 15, "what was missed");
    await evictDurableObject(pair.object, { webSockets: "hibernate" });
    pair.print(1);
    await tab.until(() => tab.shown === 16, "the output");
    expect(tab.faults).toBe(0);
  });
});
