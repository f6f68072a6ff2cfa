// Drives several terminals in a real browser against the fake edge: their tabs, their sizes, other tabs, and the keyboard.

import type { Locator, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeEdge } from "./fake-edge.ts";
import { openPage, type OpenedPage } from "./opened-page.ts";
import { firstImage } from "./sample-challenges.ts";

const DEADLINE_MS = 20_000;

let opened: OpenedPage;
let edge: FakeEdge;
let page: Page;

beforeEach(async () => {
  opened = await openPage();
  ({ edge, page } = opened);
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Connected/ }).waitFor();
  await page.getByRole("button", { name: "Screen reader mode" }).click();
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

const tabOf = (number: number, tab = page) => tab.getByRole("tab", { name: new RegExp(`^Terminal ${number}\\b`) });
const add = () => page.getByRole("button", { name: /^New terminal/ }).click();
const selected = (tab = page) => tab.getByRole("tablist", { name: "Terminals" }).getByRole("tab", { selected: true });
const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
const sizeNotice = (tab = page) => tab.getByRole("button", { name: /^Sized for another tab or device. Click/ });

async function seesLine(line: string, tab = page): Promise<void> {
  await tab
    .getByRole("tabpanel")
    .locator(".xterm-accessibility-tree")
    .getByText(line, { exact: true })
    .first()
    .waitFor();
}

async function run(command: string, answer: string, tab = page): Promise<void> {
  await tab.getByRole("textbox", { name: "Terminal input" }).focus();
  await tab.keyboard.type(`${command}\n`);
  await seesLine(answer, tab);
}

/** Nothing of the terminal is covered. */
async function isBelow(notice: Locator, place: Locator): Promise<void> {
  const [above, below] = await Promise.all([place.boundingBox(), notice.boundingBox()]);
  expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
}

async function openTab(): Promise<Page> {
  const tab = opened.watch(await page.context().newPage());
  await tab.goto(page.url());
  await tab.getByRole("button", { name: /^Connected/ }).waitFor();
  return tab;
}

describe("terminals", () => {
  it("are opened side by side, each with a shell of its own, and the new one has the keyboard", async () => {
    await run("mine=first; echo a-$mine", "a-first");
    await add();
    await tabOf(2).waitFor();
    await page.keyboard.type("echo b-${mine:-none}\n");
    await seesLine("b-none");
    await tabOf(1).click();
    await run("echo c-$mine", "c-first");
  });

  it("draw on unseen, show that there is something new, and lose the sign when they are looked at", async () => {
    await add();
    await page.keyboard.type("while sleep 0.2; do echo unseen-$((40 + 2)); done\n");
    await tabOf(1).click();
    await page.getByRole("tab", { name: /^Terminal 2.*has new output/ }).waitFor();
    await tabOf(2).click();
    await seesLine("unseen-42");
    await page.getByRole("tab", { name: /has new output/ }).waitFor({ state: "detached" });
    await page.keyboard.press("Control+C");
  });

  it("take the title that their program sets, bounded", async () => {
    await run(`printf '\\033]0;%s\\007' "$(printf 'x%.0s' $(seq 500))"; PS1='$ '; echo titled`, "titled");
    await page.waitForFunction(() => document.querySelector("[role=tab][title^='Terminal 1: xxxx']") !== null);
    expect(await tabOf(1).getAttribute("title")).toHaveLength("Terminal 1: ".length + 200);
  });

  it("lose the title of a shell that ended when a new one takes its place", async () => {
    await run("printf '\\033]0;old work\\007'; PS1='$ '; echo titled", "titled");
    await page.getByRole("tab", { name: "Terminal 1, old work" }).waitFor();
    await page.keyboard.type("exit\n");
    await page.getByRole("tab", { name: "Terminal 1, old work, exited" }).waitFor();
    await page.getByRole("button", { name: "New shell" }).click();
    await page.getByRole("tab", { name: "Terminal 1", exact: true }).waitFor();
  });

  it("of another tab appear here, and go when they are closed there", async () => {
    const other = await openTab();
    await add();
    await tabOf(2).waitFor();
    await tabOf(2, other).click();
    await page.keyboard.type("shared=$((20 + 3))\n");
    await run("echo seen-$shared", "seen-23", other);
    await seesLine("seen-23");
    await page.bringToFront();
    await page.getByRole("button", { name: "Close Terminal 2" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Close terminal" }).click();
    await tabOf(2).waitFor({ state: "detached" });
    await tabOf(2, other).waitFor({ state: "detached" });
    expect(await selected(other).getAttribute("aria-label")).toMatch(/^Terminal 1/);
  });

  it("are asked about before a live one is closed, and not when it has exited", async () => {
    await add();
    await tabOf(2).waitFor();
    await page.getByRole("button", { name: "Close Terminal 2" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Keep it" }).click();
    await run("echo alive", "alive");
    await page.keyboard.type("exit 3\n");
    await page.getByRole("tab", { name: /^Terminal 2.*exited/ }).waitFor();
    await page.getByText("Shell exited with code 3.").first().waitFor();
    await page.getByRole("button", { name: "Close Terminal 2" }).click();
    await tabOf(2).waitFor({ state: "detached" });
    expect(await page.getByRole("button", { name: /^Close Terminal/ }).count()).toBe(0);
    await run("echo left", "left");
  });

  it("are eight at most, which the button says", async () => {
    for (let number = 2; number <= 8; number += 1) {
      await add();
      await tabOf(number).waitFor();
    }
    // In little room a tab shows its number, with a title and without.
    await page.keyboard.type("PS1='$ '; printf '\\033]0;\\007'\n");
    await page.getByRole("tab", { name: "Terminal 8", exact: true }).waitFor();
    for (let number = 1; number <= 8; number += 1) expect(await tabOf(number).innerText()).toBe(String(number));
    const button = page.getByRole("button", { name: "A lab has at most 8 terminals. Close one to open another." });
    expect(await button.getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("textbox", { name: "Terminal input" }).focus();
    await button.click({ force: true });
    expect(await focused()).toMatch(/^Terminal input/);
    await page.getByRole("tabpanel").getByText("A lab has at most 8 terminals. Close one to open another.").waitFor();
    expect(Number(await button.evaluate((element) => getComputedStyle(element).opacity))).toBeLessThan(0.6);
    expect(await page.getByRole("tablist", { name: "Terminals" }).getByRole("tab").count()).toBe(8);
    // Where they need more room than there is, the one that is selected is in sight.
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("tab", { name: "Terminal", exact: true }).click();
    await tabOf(8).waitFor();
    await expect.poll(async () => (await tabOf(8).boundingBox())?.x).toBeLessThan(390 - 100);
  });

  it("are where they were after a reload and after a cut", async () => {
    await add();
    await tabOf(2).waitFor();
    await run("kept=yes; echo before", "before");
    await page.reload();
    await seesLine("before");
    expect(await selected().getAttribute("aria-label")).toMatch(/^Terminal 2/);
    edge.cut();
    await page.getByRole("textbox", { name: "Terminal input" }).focus();
    await page.keyboard.type("echo kept-$kept\n");
    await seesLine("kept-yes");
    await tabOf(1).click();
    await run("echo first-too", "first-too");
  });

  it("can all be reached and left by the keyboard alone", async () => {
    await page.getByRole("textbox", { name: "Terminal input" }).focus();
    await page.keyboard.press("Control+Shift+Backquote");
    await tabOf(2).waitFor();
    await page.keyboard.press("Control+Shift+ArrowRight");
    await page.keyboard.type("echo in-$((0 + 1))\n");
    await seesLine("in-1");
    await page.keyboard.press("Control+Shift+E");
    expect(await focused()).toMatch(/^Terminal 1/);
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toMatch(/^Terminal 2/);
    await page.keyboard.press("Home");
    expect(await focused()).toMatch(/^Terminal 1/);
    await page.keyboard.press("End");
    await page.keyboard.press("Delete");
    await page.getByRole("alertdialog").getByRole("heading", { name: "Close Terminal 2?" }).waitFor();
    await page.keyboard.press("Escape");
    await tabOf(2).focus();
    await page.keyboard.press("Enter");
    expect(await focused()).toMatch(/^Terminal input/);
  });

  it("name what they are to a screen reader", async () => {
    await add();
    await tabOf(2).waitFor();
    const panel = page.getByRole("tabpanel", { name: /^Terminal 2/ });
    await panel.waitFor();
    expect(await page.getByRole("tabpanel").count()).toBe(1);
    expect(await tabOf(2).getAttribute("aria-controls")).toBe(await panel.getAttribute("id"));
    const unnamed = await page
      .getByRole("button")
      .evaluateAll((buttons) => buttons.filter((button) => (button.ariaLabel ?? button.textContent) === "").length);
    expect(unnamed).toBe(0);
    const drawnWithGl = await page
      .locator("canvas")
      .evaluateAll(
        (all) =>
          all.filter((canvas) => canvas instanceof HTMLCanvasElement && canvas.getContext("webgl2") !== null).length,
      );
    expect(drawnWithGl).toBe(1);
  });
});

describe("the size", () => {
  const isSize = (cols: number, rows: number) =>
    expect.poll(() => edge.sizeOf(0), { timeout: DEADLINE_MS }).toEqual({ cols, rows });

  it("follows the tab used last; the other one draws at that size until it is used", async () => {
    const mine = edge.sizeOf(0);
    const other = await openTab();
    await other.setViewportSize({ width: 1000, height: 500 });
    await other.getByRole("textbox", { name: "Terminal input" }).click();
    await sizeNotice().waitFor();
    const theirs = edge.sizeOf(0);
    expect(theirs.cols).toBeLessThan(mine.cols);
    await run("stty size", `${theirs.rows} ${theirs.cols}`, other);
    await seesLine(`${theirs.rows} ${theirs.cols}`);
    await page.bringToFront();
    await page.keyboard.type(" ");
    await isSize(mine.cols, mine.rows);
    await sizeNotice().waitFor({ state: "detached" });
    await sizeNotice(other).waitFor();
  });

  it("of another device is drawn here, and is taken back by a click", async () => {
    const mine = edge.sizeOf(0);
    edge.resize(0, 200, 60);
    await sizeNotice().waitFor();
    const place = page.getByTestId("terminal");
    await isBelow(sizeNotice(), place);
    expect(await place.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
    await page.setViewportSize({ width: 1100, height: 700 });
    expect(edge.sizeOf(0)).toEqual({ cols: 200, rows: 60 });
    await page.setViewportSize({ width: 1280, height: 800 });
    await sizeNotice().click();
    await isSize(mine.cols, mine.rows);
    await sizeNotice().waitFor({ state: "detached" });
  });
});

it("returns a mark at once, for the whole socket", async () => {
  edge.mark(4_711);
  await expect.poll(() => edge.marksRead, { timeout: DEADLINE_MS }).toEqual([4_711]);
});
