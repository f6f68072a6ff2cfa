// A signed-in page in a fresh browser before a fake edge: what every test that drives the page begins with.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build } from "vite";
import type { Challenge } from "#wire/challenge.ts";
import { type BrowserOptions, openBrowser } from "./browser.ts";
import { FakeEdge } from "./fake-edge.ts";
import { firstImage } from "./sample-challenges.ts";

export const assets = process.env["BERTH_WEB_ASSETS"] ?? fileURLToPath(new URL("../../dist/web", import.meta.url));
if (!existsSync(assets))
  await build({ configFile: fileURLToPath(new URL("../../web/vite.config.ts", import.meta.url)), logLevel: "warn" });

type OpenPageOptions = {
  challenges?: Challenge[];
  browser?: BrowserOptions;
  /** How long the page is waited for at each step. */
  deadlineMs?: number;
  /** What is to be done before the page comes. */
  prepare?: (edge: FakeEdge, page: Page) => Promise<void>;
};

export type OpenedPage = {
  edge: FakeEdge;
  page: Page;
  /** Gives another tab of this browser the same deadline and notes what goes wrong in it, too. */
  watch: (tab: Page) => Page;
  /** Ends browser and edge, and returns what went wrong in the page. */
  close: () => Promise<string[]>;
};

/** Signed in as `ada`; the catalogue is on its way. */
export async function openPage({
  challenges = [firstImage],
  browser = {},
  deadlineMs = 20_000,
  prepare,
}: OpenPageOptions = {}): Promise<OpenedPage> {
  const edge = new FakeEdge({ assets, challenges });
  const address = await edge.listen();
  const { context, close } = await openBrowser(browser);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const faults: string[] = [];
  const watch = (tab: Page): Page => {
    tab.setDefaultTimeout(deadlineMs);
    tab.on("pageerror", (error) => faults.push(String(error)));
    tab.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) faults.push(message.text());
    });
    return tab;
  };
  const page = watch(context.pages()[0] ?? (await context.newPage()));
  await prepare?.(edge, page);
  await page.goto(address);
  await page.getByLabel("Login").fill("ada");
  await page.keyboard.press("Enter");
  return {
    edge,
    page,
    watch,
    close: async () => {
      await close();
      await edge.close();
      return faults;
    },
  };
}
