// Who does not read is closed by name before much waits for it, who reads is not, and sleep changes neither.

import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { CountingTab } from "../support/counting-tab.ts";
import { TerminalPair } from "../support/terminal-pair.ts";

const FRAME_BYTES = limits.terminalFrameBytes;
const BATCH_FRAMES = 8;
const KEEN = { draws: true, returnsMarks: true };
const DEAF = { draws: true, returnsMarks: false };

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

function moveClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + byMs });
}

const isOpen = (tab: CountingTab): boolean => tab.peer.closeName === null;

/** Prints so much, no faster than the tabs that are open draw it; ends when one of them is closed. */
async function print(pair: TerminalPair, tabs: readonly CountingTab[], bytes: number): Promise<void> {
  for (const end = pair.printed + bytes; pair.printed < end && tabs.every(isOpen);) {
    for (let frame = 0; frame < BATCH_FRAMES; frame++) pair.print(FRAME_BYTES);
    for (const tab of tabs) await tab.until(() => tab.shown === pair.printed || !tabs.every(isOpen), "the output");
  }
}

describe("a browser", () => {
  test("that draws but returns no mark is closed at its limit, and the session goes on", async () => {
    const pair = await TerminalPair.bringUp("deaf");
    const { tab } = await pair.openTab(DEAF);
    await print(pair, [tab], 2 * limits.browserUnreadBytes);
    expect(await tab.closeName()).toBe("not_reading");
    expect(tab.unread).toBeLessThanOrEqual(limits.browserUnreadBytes);
    expect(tab.unread).toBeGreaterThan(limits.browserUnreadBytes - 2 * FRAME_BYTES);
    expect(await pair.learner.session()).toMatchObject({ state: "ready", reachable: true });
  });

  test("that returns its marks gets as much as there is", async () => {
    const pair = await TerminalPair.bringUp("keen");
    const { tab } = await pair.openTab(KEEN);
    await print(pair, [tab], 3 * limits.browserUnreadBytes);
    expect([tab.shown, tab.faults, isOpen(tab)]).toEqual([pair.printed, 0, true]);
  });

  test("among several is closed for all when it is furthest behind, and the others are not", async () => {
    const pair = await TerminalPair.bringUp("several");
    const deaf: CountingTab[] = [];
    for (let count = 0; count < 4; count++) deaf.push((await pair.openTab(DEAF)).tab);
    const [furthest, ...others] = deaf;
    if (furthest === undefined) throw new Error("no tab");
    await print(pair, deaf, FRAME_BYTES * BATCH_FRAMES);
    for (const tab of others) {
      tab.read();
      tab.unread = 0;
    }
    await print(pair, deaf, limits.browserUnreadBytes);
    expect(await furthest.closeName()).toBe("not_reading");
    const sum = deaf.reduce((bytes, { unread }) => bytes + unread, 0);
    expect(sum).toBeLessThanOrEqual(limits.sessionUnreadBytes + 5 * FRAME_BYTES);
    expect(sum).toBeGreaterThan(limits.sessionUnreadBytes - BATCH_FRAMES * FRAME_BYTES * 4);
    expect(others.map(isOpen)).toEqual([true, true, true]);
  });

  test.for(["one that was never out", "one that was returned"] as const)("that returns %s is closed", async (which) => {
    const pair = await TerminalPair.bringUp(which === "one that was returned" ? "again" : "guess");
    const { tab } = await pair.openTab(DEAF);
    await print(pair, [tab], limits.markEveryBytes);
    await tab.until(() => tab.marks.length > 0, "a mark");
    const [mark = 0] = tab.marks;
    tab.read();
    await print(pair, [tab], FRAME_BYTES);
    expect(isOpen(tab)).toBe(true);
    tab.say({ type: "read", mark: which === "one that was returned" ? mark : mark === 1 ? 2 : mark - 1 });
    expect(await tab.closeName()).toBe("bad_message");
  });

  test("that sleeps are put between its frames is closed no later for it", async () => {
    const pair = await TerminalPair.bringUp("sleepy");
    const { tab } = await pair.openTab(DEAF);
    while (isOpen(tab) && pair.printed < 2 * limits.browserUnreadBytes) {
      await print(pair, [tab], FRAME_BYTES * BATCH_FRAMES);
      await evictDurableObject(pair.object, { webSockets: "hibernate" });
    }
    expect(await tab.closeName()).toBe("not_reading");
    expect(tab.unread).toBeLessThanOrEqual(limits.browserUnreadBytes);
    expect(tab.unread).toBeGreaterThan(limits.browserUnreadBytes / 2);
  });
});

describe("a host", () => {
  test("that has a mark out too long is closed by the alarm alone, and its browsers are not", async () => {
    const pair = await TerminalPair.bringUp("deaf-host");
    const { tab } = await pair.openTab(KEEN);
    for (let sent = 0; sent < limits.markEveryBytes; sent += limits.inputFrameBytes) {
      pair.type(tab, limits.inputFrameBytes);
    }
    await pair.data.hear("mark");
    moveClock(limits.hostReadMs - 1_000);
    pair.data.say({ type: "probed", connection: 1, probe: 1, at: "host" });
    await tab.until(() => tab.said.some(({ type }) => type === "probed"), "what the host says");
    expect(await pair.learner.session()).toMatchObject({ reachable: true });
    moveClock(2_000);
    expect(await runDurableObjectAlarm(pair.object)).toBe(true);
    expect(await pair.data.closeCode()).toBe(closeCodes.not_reading.code);
    expect(isOpen(tab)).toBe(true);
    expect(await pair.learner.session()).toMatchObject({ state: "ready", reachable: false });
  });

  test("that returns its marks takes what several tabs type, and one that guesses is closed", async () => {
    const pair = await TerminalPair.bringUp("keen-host");
    const { tab } = await pair.openTab(KEEN);
    for (let round = 0; round < 8; round++) {
      for (let sent = 0; sent <= limits.markEveryBytes; sent += limits.inputFrameBytes) {
        pair.type(tab, limits.inputFrameBytes);
      }
      const { mark } = await pair.data.hear<{ type: "mark"; mark: number }>("mark");
      pair.data.say({ type: "read", mark });
    }
    pair.data.say({ type: "probed", connection: 1, probe: 1, at: "host" });
    await tab.until(() => tab.said.some(({ type }) => type === "probed"), "the host's last word");
    expect(isOpen(tab)).toBe(true);
    pair.data.say({ type: "read", mark: 1 });
    expect(await pair.data.closeCode()).toBe(closeCodes.bad_message.code);
  });

  test("that reads nothing costs the tab that floods it its socket at the limit, and no other", async () => {
    const pair = await TerminalPair.bringUp("flooded");
    const { tab } = await pair.openTab(KEEN);
    const { tab: other } = await pair.openTab(KEEN);
    for (let sent = 0; sent <= limits.browserUnansweredBytes; sent += limits.inputFrameBytes) {
      pair.type(tab, limits.inputFrameBytes);
    }
    expect(await tab.closeName()).toBe("credit_exceeded");
    const typed = pair.data.left.reduce((bytes, one) => bytes + ("bytes" in one ? one.bytes.length : 0), 0);
    expect(typed).toBeLessThanOrEqual(limits.browserUnansweredBytes + 100 * 2);
    expect(typed).toBeGreaterThan(limits.browserUnansweredBytes - 2 * limits.inputFrameBytes);
    pair.print(1);
    await other.until(() => other.shown === pair.printed, "output");
    expect(await pair.learner.session()).toMatchObject({ reachable: true });
  });
});
