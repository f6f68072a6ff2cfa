// Drives the page of past sessions in a real browser: empty, filled, page by page, and without its database.

import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FakeEdge } from "./fake-edge.ts";
import { openPage, type OpenedPage } from "./opened-page.ts";
import { firstImage, layerOrder, pastSessions } from "./sample-challenges.ts";

/** The machine may be busy. */
const SOON = { timeout: 10_000 };

let opened: OpenedPage;
let edge: FakeEdge;
let page: Page;

beforeEach(async () => {
  opened = await openPage({ challenges: [firstImage, layerOrder] });
  ({ edge, page } = opened);
  await page.getByRole("link", { name: firstImage.title }).waitFor();
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

const show = () => page.getByRole("link", { name: "Your sessions" }).click();
const rows = () => page.getByRole("main").getByRole("listitem");

async function startLab(): Promise<void> {
  await page.getByRole("link", { name: layerOrder.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Connected/ }).waitFor();
}

it("leads from an empty list to the challenges", async () => {
  await show();
  await page.getByText("No sessions yet").waitFor();
  expect(await page.title()).toBe("Your sessions · Berth");
  await page.getByRole("link", { name: "All challenges", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Challenges" }).waitFor();
});

it("says of each session which challenge it was, how it ended and why, and leads back to it", async () => {
  edge.remember(pastSessions(Date.now(), 3));
  await show();
  const lost = rows().filter({ hasText: "Machine lost" });
  await lost.getByText("has not been heard from").waitFor();
  await lost.getByText("2 h 29 min").waitFor();
  await rows().first().getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("heading", { level: 1, name: firstImage.title }).waitFor();
});

it("shows a long list a part at a time", async () => {
  edge.remember(pastSessions(Date.now(), 45));
  await show();
  await expect.poll(() => rows().count(), SOON).toBe(20);
  const more = page.getByRole("button", { name: "Show earlier sessions" });
  await more.click();
  await expect.poll(() => rows().count(), SOON).toBe(40);
  edge.faults.history = "unavailable";
  await more.click();
  await page.getByText("Earlier sessions cannot be shown right now").waitFor();
  edge.faults.history = "ok";
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => rows().count(), SOON).toBe(45);
  await more.waitFor({ state: "detached" });
});

it("shows the open session while the database is away, and the others once it is back", async () => {
  edge.remember(pastSessions(Date.now(), 3));
  edge.faults.history = "unavailable";
  await startLab();
  await page.getByRole("link", { name: "Your sessions" }).click();
  await page.getByText("Nothing is lost").waitFor();
  expect(await rows().count()).toBe(1);
  await rows().filter({ hasText: layerOrder.title }).getByText("In progress").waitFor();
  edge.faults.history = "ok";
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => rows().count(), SOON).toBe(4);
  expect(await page.getByText("Nothing is lost").count()).toBe(0);
});
