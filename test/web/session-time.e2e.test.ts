// Drives what the page says of a session's time and of its limits in a real browser: countdown, warnings, more time, notices, endings.

import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeEdge } from "./fake-edge.ts";
import { openPage, type OpenedPage } from "./opened-page.ts";
import { firstImage } from "./sample-challenges.ts";

const MINUTE = 60_000;
/** The machine may be busy. */
const SOON = { timeout: 10_000 };
const wholeTime = /^(4 h 00|3 h 59) min left$/;

let opened: OpenedPage;
let edge: FakeEdge;
let page: Page;

beforeEach(async () => {
  opened = await openPage();
  ({ edge, page } = opened);
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Connected/ }).waitFor();
  await page.locator(".xterm-screen").waitFor();
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

const time = () => page.getByRole("button", { name: / left$/ });
const notices = () => page.getByRole("region", { name: "Notices" }).getByRole("listitem");
const notice = (words: string | RegExp) => notices().filter({ hasText: words });
const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
const said = () => page.locator("[aria-live=assertive]").textContent();

/** Notes whatever the assertive region says, in order. */
async function noteSaid(): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const region = document.querySelector("[aria-live=assertive]");
    const { dataset } = document.body;
    if (region === null) return;
    new MutationObserver(() => {
      dataset["said"] = `${dataset["said"] ?? ""}${region.textContent}\n`;
    }).observe(region, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => (document.body.dataset["said"] ?? "").split("\n").filter((line) => line !== ""));
}

/** The session's own second hand has moved. */
async function waitForTick(): Promise<void> {
  const before = await time().textContent();
  await expect.poll(() => time().textContent(), SOON).not.toBe(before);
}

describe("the countdown", () => {
  it("is quiet about a session that is used, and tells the whole rule when asked", async () => {
    expect(await time().textContent()).toMatch(wholeTime);
    await time().click();
    const panel = page.getByRole("dialog", { name: /^This session ends at / });
    await panel.getByText(/^Sooner, at .* if nobody types and no program runs/).waitFor();
    const extend = panel.getByRole("button", { name: "Extend" });
    expect(await extend.getAttribute("aria-disabled")).toBe("true");
    await panel.getByText(/^It can be extended from .* on\.$/).waitFor();
    expect(await notices().count()).toBe(0);
  });

  it("warns of an unused session once, and typing here ends the warning before the edge has answered", async () => {
    const heard = await noteSaid();
    edge.faults.hearsTyping = false;
    edge.change({ idleAt: Date.now() + 5 * MINUTE });
    await notice("Nobody has used this session for a while").waitFor();
    expect(await time().textContent()).toMatch(/^Idle, [45]:\d\d left$/);
    await waitForTick();
    await waitForTick();
    expect(await heard()).toHaveLength(1);
    expect(await focused()).toContain("Terminal input");
    await page.keyboard.type("x");
    await expect.poll(() => time().textContent(), SOON).toMatch(wholeTime);
    expect(await notices().count()).toBe(0);
  });

  it("takes a press for use where nobody can type", async () => {
    edge.change({ idleAt: Date.now() + 5 * MINUTE });
    await page.getByRole("button", { name: "I am still here" }).click();
    await notices().waitFor({ state: "detached" });
    expect(await time().textContent()).toMatch(wholeTime);
  });

  it("asks the edge before it warns: a program may have used the session meanwhile", async () => {
    const asked = page.waitForResponse((response) => /\/api\/sessions\/s_/.test(response.url()));
    edge.tellOld({ idleAt: Date.now() + 5 * MINUTE });
    await asked;
    await expect.poll(() => time().textContent(), SOON).toMatch(wholeTime);
    expect(await said()).toBe("");
    expect(await notices().count()).toBe(0);
  });

  it("warns again in the last minute though the first warning was put away", async () => {
    const heard = await noteSaid();
    const end = (leftMs: number) =>
      edge.change({
        createdAt: Date.now() - 200 * MINUTE,
        expiresAt: Date.now() + leftMs,
        extendableAt: Date.now() - MINUTE,
        idleAt: Date.now() + 50 * MINUTE,
      });
    end(7.5 * MINUTE);
    await notice("This session ends in 8 minutes. You can extend it.").waitFor();
    await page.getByRole("button", { name: /^Dismiss/ }).click();
    await notices().waitFor({ state: "detached" });
    end(50_000);
    await notice("less than a minute").waitFor();
    // It is said once the edge was asked again.
    await expect
      .poll(heard, SOON)
      .toEqual([
        "This session ends in 8 minutes. You can extend it.",
        "This session ends in less than a minute. You can extend it.",
      ]);
  });
});

describe("more time", () => {
  const endSoon = (leftMs = 5 * MINUTE) =>
    edge.change({
      createdAt: Date.now() - 200 * MINUTE,
      expiresAt: Date.now() + leftMs,
      extendableAt: Date.now() - MINUTE,
      idleAt: Date.now() + 50 * MINUTE,
    });
  const extend = () => notices().getByRole("button", { name: "Extend" });

  it("is given by keyboard, and then says from when on it is given again", async () => {
    endSoon();
    await extend().focus();
    await page.keyboard.press("Enter");
    await notices().waitFor({ state: "detached" });
    await expect.poll(() => time().textContent(), SOON).toMatch(/^(59 min|1 h 00 min) left$/);
    await time().click();
    await page.getByText(/^It can be extended from .* on\.$/).waitFor();
  });

  it("is refused with the time at which it is taken again", async () => {
    edge.faults.extension = "extended_lately";
    endSoon();
    await extend().click();
    await notices()
      .getByText(/^It can be extended from .* on\.$/)
      .waitFor();
    expect(await extend().getAttribute("aria-disabled")).toBe("true");
  });

  it("is not offered any more once the session has reached its longest time", async () => {
    edge.faults.extension = "cannot_extend";
    endSoon();
    await extend().click();
    await extend().waitFor({ state: "detached" });
    const most = Date.now() + 8 * MINUTE;
    edge.change({ expiresAt: most, mostAt: most });
    await notice("it has reached the longest time").waitFor();
    expect(await extend().count()).toBe(0);
  });
});

describe("notices", () => {
  it("come without taking the focus or the terminal's last line, and go when they are put away", async () => {
    await page.locator(".xterm-helper-textarea").focus();
    edge.tell({ code: "memory_full", message: "A program was ended because the memory of 1.5 GiB was full." });
    await notice("A program was ended").waitFor();
    expect(await focused()).toContain("Terminal input");
    const bottom = await notices().evaluate((row) => row.getBoundingClientRect().bottom);
    expect((await page.getByTestId("terminal").boundingBox())?.y ?? 0).toBeGreaterThanOrEqual(bottom);
    await page.getByRole("button", { name: "Dismiss: memory is full" }).click();
    await notices().waitFor({ state: "detached" });
  });

  it("of one code replace each other, and several leave the lab its room", async () => {
    for (const count of [1, 2]) edge.tell({ code: "disk_low", message: `Only ${count} MiB is free.` });
    await notice("Only 2 MiB is free.").waitFor();
    expect(await notices().count()).toBe(1);
    for (const code of ["memory_full", "processes_full", "processor_busy"] as const)
      edge.tell({ code, message: "So it is." });
    await expect.poll(() => notices().count(), SOON).toBe(3);
    await page.getByRole("button", { name: "Show 1 more" }).click();
    expect(await notices().count()).toBe(4);
  });

  it("are put away one after the other by keyboard", async () => {
    edge.tell({ code: "disk_low", message: "Little is free." });
    edge.tell({ code: "memory_full", message: "It was full." });
    await expect.poll(() => notices().count(), SOON).toBe(2);
    await page.getByRole("button", { name: "Dismiss: memory is full" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused, SOON).toBe("Dismiss: the disk is nearly full");
    await page.keyboard.press("Enter");
    await notices().waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(wholeTime);
  });

  it("of programs go when the lab was started again", async () => {
    edge.tell({ code: "processor_busy", message: "It is." });
    edge.tell({ code: "container_restarted", message: "Your files are as they were." });
    await notice("Your files are as they were.").waitFor();
    expect(await notices().count()).toBe(1);
  });
});

it("says of a session that nobody used why it ended, what became of its files and what to do", async () => {
  edge.tell({ code: "memory_full", message: "It was full." });
  await notices().waitFor();
  edge.end("expired", { code: "idle_too_long", message: "Nobody used the session for too long." });
  await page.getByRole("heading", { name: "Ended while you were away" }).waitFor();
  await page.getByText("there is no copy of them").waitFor();
  expect(await notices().count()).toBe(0);
  await page.getByRole("button", { name: "Start again" }).click();
  await expect.poll(() => time().textContent(), SOON).toMatch(wholeTime);
});
