// A headless Chromium for the tests of the page.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

export type BrowserOptions = { width?: number; height?: number; theme?: "light" | "dark"; isPhone?: boolean };

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A fresh browser with its own profile; `close` removes both. */
export async function openBrowser({
  width = 1280,
  height = 800,
  theme = "light",
  isPhone = false,
}: BrowserOptions = {}): Promise<{
  context: BrowserContext;
  close: () => Promise<void>;
}> {
  const profile = await mkdtemp(join(tmpdir(), "berth-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["BERTH_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: flags,
    viewport: { width, height },
    colorScheme: theme,
    ...(isPhone ? { hasTouch: true, isMobile: true } : {}),
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
