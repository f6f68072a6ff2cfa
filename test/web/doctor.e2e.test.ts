// Drives the connection doctor in a real browser against the fake edge: a lab that works, parts that do not, no lab, and no edge.

import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FakeEdge } from "./fake-edge.ts";
import { openPage, type OpenedPage } from "./opened-page.ts";
import { firstImage } from "./sample-challenges.ts";

/** Three lost frames of three seconds each come before the next line. */
const DEADLINE_MS = 60_000;

let opened: OpenedPage;
let edge: FakeEdge;
let page: Page;

beforeEach(async () => {
  opened = await openPage({ deadlineMs: DEADLINE_MS });
  ({ edge, page } = opened);
  await page.getByRole("link", { name: firstImage.title }).waitFor();
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

const doctor = () => page.getByRole("dialog", { name: "Connection check" });
const line = (title: string) => doctor().getByRole("listitem").filter({ hasText: title });

async function startLab(): Promise<void> {
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Connected/ }).click();
}

async function report(): Promise<string> {
  await doctor().getByRole("button", { name: "Copy report" }).click();
  await doctor().getByRole("button", { name: "Copied" }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

it("finds that everything works, and copies a report without secrets", async () => {
  await startLab();
  await doctor().getByText("Everything works", { exact: true }).waitFor();
  for (const title of ["Berth answers", "A WebSocket opens", "Round trip to your container"])
    expect(await line(title).textContent()).toMatch(/: Works\..* ms/);
  const text = await report();
  expect(text).toMatch(/^Berth connection report\n.* UTC\nEverything works\n/);
  expect(text).toMatch(/\[ok\] {5}Your lab: ready, on [a-z2-7]{6} \(local\), epoch 1\n/);
  expect(text).toMatch(/Signed in as: ada\n/);
  expect(text).not.toMatch(/\b[us]_[a-z2-7]{26}|cookie/);
  await page.keyboard.press("Escape");
  await doctor().waitFor({ state: "detached" });
});

it("says which parts do not work and what to do, and looks again", async () => {
  await startLab();
  edge.faults.probes = "host";
  edge.faults.binary = "changed";
  edge.closeSockets("not_reading");
  await doctor().getByRole("button", { name: "Check again" }).click();
  await line("Binary frames").getByText("A proxy rewrites what it carries.").waitFor();
  await line("Round trip to your container").getByText("The host answers and your container does not").waitFor();
  await doctor().getByText("2 parts do not work. Start at “Binary frames pass both ways”.").waitFor();
  expect(await line("Round trip to the runner host").textContent()).toMatch(/: Works\./);
  const text = await report();
  expect(text).toMatch(/\[FAILED\] Round trip to your container: no answer\n/);
  expect(text).toMatch(/closed with 4458 \(not reading\)/);
  edge.faults.probes = "none";
  edge.faults.binary = "returned";
  await doctor().getByRole("button", { name: "Check again" }).click();
  await doctor().getByText("1 part does not work. Start at “Round trip to the runner host”.").waitFor();
  await line("Round trip to your container").getByText("The runner host has to answer first.").waitFor();
  edge.faults.probes = "all";
  await doctor().getByRole("button", { name: "Check again" }).click();
  await doctor().getByText("Everything works", { exact: true }).waitFor();
});

it("works where no lab runs, from the menu of the catalogue", async () => {
  await page.getByRole("button", { name: "Check the connection" }).click();
  await doctor().getByText("Everything that could be looked at works").waitFor();
  expect(await line("Your lab").textContent()).toContain("Open a challenge and start its lab");
  expect(await line("A WebSocket opens").textContent()).toContain("no lab to reach");
  expect(await line("Round trip to your container").textContent()).toContain("Not looked at.needs a lab");
  expect(await doctor().getByText("Open a challenge and start its lab").count()).toBe(1);
});

it("tells a proxy that ends sockets from an edge that is away", async () => {
  await page.waitForLoadState("networkidle");
  edge.faults.refusesSockets = true;
  await page.getByRole("button", { name: "Check the connection" }).click();
  await line("A WebSocket opens").getByText("Something between this browser and Berth ends WebSockets").waitFor();
  expect(await line("Berth answers").textContent()).toMatch(/: Works\./);
  await page.context().setOffline(true);
  await doctor().getByRole("button", { name: "Check again" }).click();
  await line("Berth answers").getByText("This browser says it is offline").waitFor();
  await doctor()
    .getByText(/^1 part does not work. Start at “Berth answers”/)
    .waitFor();
  expect(await line("A WebSocket opens").textContent()).toContain("not reached");
  expect(await doctor().getByText("Berth has to answer first.").count()).toBe(1);
});

it("tells somebody far away that the distance explains the wait, once, and that typing is shown at once", async () => {
  edge.faults.delayMs = 160;
  await startLab();
  await doctor().getByText("Everything works", { exact: true }).waitFor();
  await line("Round trip to Berth’s edge").getByText("What you type is shown at once").waitFor();
  expect(await doctor().getByText("You are far from Berth").count()).toBe(1);
});

it("is reached from a challenge before its lab starts, while it starts, and when the start has failed", async () => {
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).waitFor();
  await page.getByRole("button", { name: "Check the connection" }).click();
  await doctor().getByText("Everything that could be looked at works").waitFor();
  await page.keyboard.press("Escape");
  edge.faults.startsUntil = "placing";
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Starting/ }).click();
  await doctor().waitFor();
  await page.keyboard.press("Escape");
  edge.end("failed", { code: "no_runner_host", message: "No machine that runs labs is connected right now." });
  await page.getByRole("heading", { name: "Your lab could not be placed" }).waitFor();
  await page.getByRole("main").getByRole("button", { name: "Check the connection" }).click();
  await doctor().waitFor();
});
