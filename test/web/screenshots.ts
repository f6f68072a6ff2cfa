// Draws every state of the page to PNG files: `node test/web/screenshots.ts <folder>` after the page was built.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { type BrowserOptions, openBrowser } from "./browser.ts";
import { FakeEdge } from "./fake-edge.ts";
import { firstImage, layerOrder, manyChallenges, multiStage } from "./sample-challenges.ts";

const assets = process.env["BERTH_WEB_ASSETS"] ?? fileURLToPath(new URL("../../dist/web", import.meta.url));
const folder = process.argv[2] ?? "screenshots";
const only = process.argv[3];
await mkdir(folder, { recursive: true });

const write = (line: string) => process.stdout.write(`${line}\n`);

const looks: (BrowserOptions & { name: string })[] = [
  { name: "desktop-light", theme: "light" },
  { name: "desktop-dark", theme: "dark" },
  { name: "phone-light", theme: "light", width: 390, height: 844, isPhone: true },
  { name: "phone-dark", theme: "dark", width: 390, height: 844, isPhone: true },
];

async function walk(
  page: Page,
  edge: FakeEdge,
  address: string,
  isPhone: boolean,
  shoot: (name: string) => Promise<void>,
): Promise<void> {
  const showTerminal = async () => {
    if (isPhone) await page.getByRole("tab", { name: "Terminal" }).click();
  };
  await page.goto(address);
  await page.getByLabel("Login").waitFor();
  await shoot("01-sign-in");
  await page.getByLabel("Login").fill("not a login");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Use letters").waitFor();
  await shoot("02-sign-in-mistake");
  edge.faults.catalogue = "pending";
  await page.getByLabel("Login").fill("ada");
  await page.getByLabel(/Name/).fill("Ada Lovelace");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Loading challenges").waitFor();
  await shoot("03-catalogue-loading");
  edge.faults.catalogue = "failing";
  await page.reload();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await shoot("04-catalogue-error");
  edge.faults.catalogue = "ok";
  edge.offer([]);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("There are no challenges yet").waitFor();
  await shoot("05-catalogue-empty");
  edge.offer(manyChallenges);
  edge.faults.catalogue = "stale";
  await page.reload();
  await page.getByText("This list may be out of date").waitFor();
  await shoot("06-catalogue-stale-long");
  edge.offer([firstImage, layerOrder, multiStage]);
  edge.faults.catalogue = "ok";
  await page.reload();
  await page.getByRole("link", { name: firstImage.title }).waitFor();
  await shoot("07-catalogue");
  await page.getByRole("button", { name: "Check the connection" }).click();
  await page.getByText("Everything that could be looked at works").first().waitFor();
  await shoot("22-doctor-without-lab");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("heading", { level: 1, name: firstImage.title }).waitFor();
  await shoot("08-challenge");
  await showTerminal();
  edge.faults.startsUntil = "starting";
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("listitem").filter({ hasText: "Starting your container on" }).waitFor();
  await page.getByText(/^[3-9] s$/).waitFor();
  await shoot("09-starting");
  edge.change({ state: "running", reachable: true });
  edge.change({ state: "ready" });
  await page.locator(".xterm-screen").waitFor();
  await page.getByText("Connected").first().waitFor({ state: "attached" });
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type(
    "printf '\\e[31mred \\e[32mgreen \\e[33myellow \\e[34mblue \\e[35mmagenta \\e[36mcyan \\e[90mgrey\\e[0m\\n'; ls -la /; echo see https://docs.docker.com/\n",
  );
  await page.waitForFunction(() => document.title !== "");
  await page.waitForTimeout(600);
  await shoot("10-terminal");
  await walkTerminals(page, edge, shoot);
  edge.faults.refusesSockets = true;
  edge.cut();
  await page
    .getByText(/Reconnecting in \d s, attempt/)
    .first()
    .waitFor({ state: "attached" });
  await shoot("11-reconnecting");
  edge.faults.refusesSockets = false;
  await page
    .getByRole("button", { name: "Retry now" })
    .click()
    .catch(() => undefined);
  await page.getByText("Connected").first().waitFor({ state: "attached" });
  edge.change({ reachable: false });
  await page.getByText("Container unreachable").first().waitFor({ state: "attached" });
  await shoot("12-unreachable");
  edge.change({ reachable: true });
  edge.replaceContainer();
  await page.waitForTimeout(600);
  await shoot("13-new-shell");
  await page.getByRole("textbox", { name: "Terminal input" }).focus();
  await page.keyboard.type("exit 3\n");
  await page.getByText("Press Enter for a new shell.").first().waitFor({ state: "attached" });
  await shoot("14-exited");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(300);
  await page.getByRole("link", { name: "Berth: all challenges" }).click();
  await page.getByText("In progress").waitFor();
  await shoot("15-catalogue-in-progress");
  await page.getByRole("link", { name: layerOrder.title }).click();
  await showTerminal();
  await page.getByText("You are in").waitFor();
  await shoot("16-start-other");
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByText("is still open").waitFor();
  await page.waitForTimeout(200);
  await shoot("17-conflict");
  await page.getByRole("link", { name: /Go to/ }).click();
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByText("End this session?").waitFor();
  await page.waitForTimeout(200);
  await shoot("18-end-dialog");
  await page.getByRole("button", { name: "End and delete files" }).click();
  await showTerminal();
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await shoot("19-ended");
  edge.faults.startsUntil = "placing";
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("listitem").filter({ hasText: "Finding a host" }).waitFor();
  edge.end("failed", {
    code: "no_runner_host",
    message: "No machine that runs labs is connected right now.",
  });
  await page.getByRole("heading", { name: "Your lab could not be placed" }).waitFor();
  await shoot("20-failed");
  edge.faults.startsUntil = "ready";
  await page.goto(`${address}/challenges/no-such-thing`);
  await page.getByText("There is no such challenge").waitFor();
  await shoot("21-missing");
}

/** Several terminals, a size that is another tab's, and the connection's check. */
async function walkTerminals(page: Page, edge: FakeEdge, shoot: (name: string) => Promise<void>): Promise<void> {
  const settle = () => page.waitForTimeout(500);
  const add = () => page.getByRole("button", { name: /New terminal/ }).click();
  await add();
  await page.keyboard.type("sleep 2; echo done\n");
  await add();
  await page.keyboard.type("exit 3\n");
  await page.getByText("Shell exited with code 3").first().waitFor();
  await shoot("30-three-terminals-one-exited");
  await page.getByRole("tab", { name: /^Terminal 1/ }).click();
  await page.getByTestId("news").waitFor();
  await settle();
  await shoot("31-news-in-another");
  await page.getByRole("button", { name: /^(Keys in the terminal|Terminal settings)$/ }).click();
  await settle();
  await shoot("32-keys");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: /^Terminal 2/ }).click();
  await page.getByRole("button", { name: "Close Terminal 2" }).click();
  await settle();
  await shoot("33-close-live");
  await page.getByRole("button", { name: "Close terminal", exact: true }).click();
  for (let count = 2; count < 8; count += 1) await add();
  await settle();
  await page.getByRole("button", { name: /at most 8 terminals/ }).click({ force: true });
  await settle();
  await shoot("34-eight-terminals");
  await page.getByRole("tab", { name: /^Terminal 1/ }).click();
  edge.resize(0, 150, 50);
  await page.getByRole("button", { name: /Sized for another tab/ }).waitFor();
  await settle();
  await shoot("35-larger-elsewhere");
  edge.resize(0, 40, 10);
  await settle();
  await shoot("36-smaller-elsewhere");
  await page.getByRole("button", { name: /Sized for another tab/ }).click();
  await page.getByRole("button", { name: /^Connected/ }).click();
  await page.getByText("Everything works").first().waitFor();
  await shoot("37-doctor-works");
  edge.faults.probes = "host";
  edge.faults.binary = "lost";
  edge.closeSockets("not_reading");
  await page.getByRole("button", { name: "Check again" }).click();
  await page.waitForTimeout(1_000);
  await shoot("38-doctor-looking");
  await page
    .getByText(/parts do not work/)
    .first()
    .waitFor({ timeout: 60_000 });
  await shoot("39-doctor-failed");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  edge.faults.probes = "all";
  edge.faults.binary = "returned";
  edge.faults.delayMs = 160;
  edge.cut();
  await page.getByRole("button", { name: /^Connected/ }).click();
  await page.getByText("You are far from Berth").waitFor();
  await page.getByText("Everything works").first().waitFor();
  await shoot("40-doctor-far");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: /^(Keys in the terminal|Terminal settings)$/ }).click();
  await settle();
  await shoot("41-settings-far");
  await page.keyboard.press("Escape");
  edge.faults.delayMs = 0;
}

for (const look of looks.filter(({ name }) => only === undefined || name.includes(only))) {
  const edge = new FakeEdge({ assets, challenges: [] });
  const address = await edge.listen();
  const { context, close } = await openBrowser(look);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("console", (message) => write(`${look.name}: ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => write(`${look.name}: ${error.stack}`));
  page.setDefaultTimeout(15_000);
  try {
    await walk(page, edge, address, look.isPhone === true, async (name) => {
      await page.screenshot({ path: join(folder, `${name}.${look.name}.png`) });
    });
  } catch (error) {
    await page.screenshot({ path: join(folder, `failed.${look.name}.png`) });
    write(String(error));
    process.exitCode = 1;
  } finally {
    await close();
    await edge.close();
  }
}
