// Drives the built page on a touch screen: the keys that a phone's keyboard lacks.

import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FakeEdge } from "./fake-edge.ts";
import { openPage, type OpenedPage } from "./opened-page.ts";
import { firstImage } from "./sample-challenges.ts";

const MIN_TARGET_PX = 40;

let opened: OpenedPage;
let edge: FakeEdge;
let page: Page;

beforeEach(async () => {
  opened = await openPage({ browser: { width: 360, height: 740, isPhone: true } });
  ({ edge, page } = opened);
  await page.getByRole("link", { name: firstImage.title }).tap();
  await page.getByRole("tab", { name: "Terminal" }).tap();
  await page.getByRole("button", { name: "Start the lab" }).tap();
  await page.getByRole("button", { name: "Terminal settings" }).tap();
  await page.getByRole("button", { name: "Screen reader mode" }).tap();
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Terminal input" }).focus();
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

async function seesLine(line: string): Promise<void> {
  await page.locator(".xterm-accessibility-tree").getByText(line, { exact: true }).first().waitFor();
}

const tapKey = (name: string) => page.getByRole("toolbar", { name: "Terminal keys" }).getByLabel(name).tap();
const focusedLabel = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");

it("stops, completes and recalls with the row's keys, and keeps the terminal's focus", async () => {
  await page.keyboard.type("echo waits; sleep 1000\n");
  await seesLine("waits");
  await tapKey("Ctrl-C");
  await page.keyboard.type("echo stopped-$((1 + 1))\n");
  await seesLine("stopped-2");
  await page.keyboard.type("touch a-long-name\nls a-l");
  await tapKey("Tab");
  await page.keyboard.type("| tr a-z A-Z\n");
  await seesLine("A-LONG-NAME");
  await page.keyboard.type("echo up-$((2 + 2))\n");
  await seesLine("up-4");
  await page.keyboard.type("clear\n");
  await tapKey("Up");
  await tapKey("Up");
  await page.keyboard.type("\n");
  await seesLine("up-4");
  expect(await focusedLabel()).toContain("Terminal input");
});

it("holds Ctrl for the next key alone", async () => {
  const control = page.getByRole("button", { name: "Ctrl for the next key" });
  await page.keyboard.type("echo wrong-");
  await control.tap();
  expect(await control.getAttribute("aria-pressed")).toBe("true");
  await page.keyboard.type("c");
  expect(await control.getAttribute("aria-pressed")).toBe("false");
  await page.keyboard.type("echo right-$((3 + 3))\n");
  await seesLine("right-6");
});

it("has keys that a finger can hit, all of them on the screen", async () => {
  const keys = page.getByRole("toolbar", { name: "Terminal keys" }).getByRole("button");
  expect(await keys.count()).toBe(8);
  for (const key of await keys.all()) {
    const box = await key.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(MIN_TARGET_PX);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(740);
  }
});

it("says under the terminal that another device has its size, and takes it back without having changed it", async () => {
  const mine = edge.sizeOf(0);
  const screen = () => page.locator(".xterm-screen").boundingBox();
  const before = await screen();
  edge.resize(0, mine.cols, mine.rows + 1);
  const notice = page.getByRole("button", {
    name: "Sized for another tab or device. Tap or type here to use this one.",
  });
  await notice.waitFor();
  const covered = await page.getByTestId("terminal").evaluate((place) => {
    const { top } = place.getBoundingClientRect();
    return top + place.clientTop + place.clientHeight;
  });
  expect(covered).toBeLessThanOrEqual((await notice.boundingBox())?.y ?? 0);
  expect((await screen())?.y).toBe(before?.y);
  await notice.tap();
  await notice.waitFor({ state: "detached" });
  expect(edge.sizeOf(0)).toEqual(mine);
});

it("does not take the row of that sentence for another size of its own", async () => {
  const mine = edge.sizeOf(0);
  const notice = page.getByRole("button", { name: /^Sized for another tab or device/ });
  const drawnRows = () => page.locator(".xterm-accessibility-tree").getByRole("listitem").count();
  for (const fewer of [1, 2, 3, 4]) {
    edge.resize(0, mine.cols, mine.rows - fewer);
    await expect.poll(drawnRows).toBe(mine.rows - fewer);
    expect(await notice.isVisible()).toBe(true);
  }
  edge.resize(0, mine.cols, mine.rows);
  await notice.waitFor({ state: "detached" });
});

it("says in words what the terminal's settings are, and whether typing is shown at once now", async () => {
  edge.faults.delayMs = 160;
  edge.cut();
  await page.getByRole("button", { name: "Terminal settings" }).tap();
  const settings = page.getByRole("dialog", { name: "Terminal settings" });
  await settings.getByText("Text size").waitFor();
  await settings.getByText("Screen reader mode").waitFor();
  const prediction = settings.getByRole("button", { name: /^Show typing at once/ });
  await prediction.getByText("active", { exact: true }).waitFor();
  await prediction.tap();
  await prediction.getByText("off", { exact: true }).waitFor();
  expect(await prediction.getAttribute("aria-pressed")).toBe("false");
});

it("gives the connection's check the whole screen, also where its styles came before the challenge's", async () => {
  await page.goto(new URL("/", page.url()).href);
  const doctor = page.getByRole("dialog", { name: "Connection check" });
  await page.getByRole("button", { name: "Check the connection" }).tap();
  await doctor.getByRole("button", { name: "Close" }).tap();
  await page.getByRole("link", { name: firstImage.title }).tap();
  await page.getByRole("button", { name: /^Connected/ }).tap();
  await doctor.waitFor();
  expect(await doctor.boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 });
});
