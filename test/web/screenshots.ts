// Draws every state of the page to PNG files: `node test/web/screenshots.ts <folder> [look] [part]` after the page was built.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type BrowserOptions, openBrowser } from "./browser.ts";
import { FakeEdge } from "./fake-edge.ts";
import { assets } from "./opened-page.ts";
import { firstImage, layerOrder, manyChallenges, multiStage, pastSessions } from "./sample-challenges.ts";

const folder = process.argv[2] ?? "screenshots";
const [onlyLook, onlyPart] = [process.argv[3] ?? "", process.argv[4] ?? ""];
await mkdir(folder, { recursive: true });

const write = (line: string) => process.stdout.write(`${line}\n`);

const looks: (BrowserOptions & { name: string })[] = [
  { name: "desktop-light", theme: "light" },
  { name: "desktop-dark", theme: "dark" },
  { name: "phone-light", theme: "light", width: 390, height: 844, isPhone: true },
  { name: "phone-dark", theme: "dark", width: 390, height: 844, isPhone: true },
];

type Walk = { page: Page; edge: FakeEdge; address: string; isPhone: boolean; shoot: (name: string) => Promise<void> };

async function walkAll({ page, edge, address, isPhone, shoot }: Walk): Promise<void> {
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

/** A session's time, its warnings and notices, its ends, and the sessions before it. */
async function walkLife({ page, edge, address, isPhone, shoot }: Walk): Promise<void> {
  const settle = () => page.waitForTimeout(400);
  const now = Date.now();
  edge.offer([firstImage, layerOrder, multiStage]);
  edge.faults.history = "pending";
  await page.goto(`${address}/history`);
  await page.getByLabel("Login").fill("ada");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Loading your sessions").waitFor();
  await shoot("50-history-loading");
  edge.faults.history = "ok";
  await page.reload();
  await page.getByText("No sessions yet").waitFor();
  await shoot("51-history-empty");
  edge.faults.history = "unavailable";
  await page.reload();
  await page.getByText("Nothing is lost").waitFor();
  await shoot("52-history-unavailable");
  await page.getByRole("link", { name: "Berth: all challenges" }).click();
  await page.getByRole("link", { name: firstImage.title }).click();
  if (isPhone) await page.getByRole("tab", { name: "Terminal" }).click();
  await shoot("53-start");
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Connected/ }).waitFor();
  await page.locator(".xterm-screen").waitFor();
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type("docker build -t app . | tail -3; ls -la /\n");
  await settle();
  const openTime = () => page.getByRole("button", { name: / left$/ }).click();
  await openTime();
  await page.getByText(/^It can be extended from/).waitFor();
  await settle();
  await shoot("54-time-far");
  await page.keyboard.press("Escape");
  const soon = { expiresAt: now + 8.5 * 60_000, extendableAt: now - 60_000, idleAt: now + 50 * 60_000 };
  edge.change(soon);
  await page.getByText("This session ends in").first().waitFor();
  await settle();
  await shoot("55-ends-soon");
  await openTime();
  await settle();
  await shoot("56-time-near");
  await page.keyboard.press("Escape");
  edge.faults.extension = "extended_lately";
  await page.getByRole("region", { name: "Notices" }).getByRole("button", { name: "Extend" }).click();
  await page.getByText(/^It can be extended from/).waitFor();
  await shoot("57-extended-lately");
  edge.change({ ...soon, expiresAt: Date.now() + 50_000 });
  await page.getByText("less than a minute").first().waitFor();
  await settle();
  await shoot("58-last-minute");
  edge.change({ ...soon, mostAt: Date.now() + 6 * 60_000, extendableAt: null });
  await page.getByText("it has reached the longest time").first().waitFor();
  await settle();
  await shoot("59-longest-time");
  edge.change({ idleAt: Date.now() + 7 * 60_000, expiresAt: now + 9e6, mostAt: now + 2e7, extendableAt: now + 6e6 });
  await page.getByText("Nobody has used this session").first().waitFor();
  await settle();
  await shoot("60-idle");
  await page.getByRole("button", { name: "I am still here" }).click();
  await page.getByRole("region", { name: "Notices" }).waitFor({ state: "detached" });
  edge.tell({
    code: "processor_busy",
    message:
      'Programs have used all the processor time of the container for a while, so everything in it is slow. "top" shows which they are.',
  });
  await page
    .getByText(/^Programs have used/)
    .first()
    .waitFor();
  await shoot("61-notice");
  edge.tell({
    code: "memory_full",
    message:
      "A program was ended because the container's memory is full (1.5 GiB). End programs and containers that you no longer need, then start it again.",
  });
  edge.tell({
    code: "disk_full",
    message:
      'The container\'s disk is full: nothing can be written any more. Delete files, or remove images and containers with "docker system prune".',
  });
  edge.tell({
    code: "processes_full",
    message:
      "A program could not be started: the container has as many processes as it may have (512). End some, then try again.",
  });
  await page
    .getByText(/^A program could not/)
    .first()
    .waitFor();
  await settle();
  await shoot("62-notices");
  await page.getByRole("button", { name: /^Show \d more/ }).click();
  await settle();
  await shoot("63-notices-all");
  edge.tell({
    code: "took_too_much",
    message:
      "Programs in the container took nearly all of something that every learner on this machine shares (terminals), so it was started again. Your files are as they were.",
  });
  edge.tell({
    code: "put_to_rest",
    message:
      "The machine ran short of memory and this container was unused for longest, so it was stopped. Your files are kept; press a key in a terminal and it starts again.",
  });
  await page.getByText("Your files are kept").first().waitFor();
  await settle();
  await shoot("64-at-rest");
  edge.remember(pastSessions(now, 45));
  edge.end("expired", { code: "idle_too_long", message: "Nobody used the session for too long." });
  await page.getByRole("heading", { name: "Ended while you were away" }).waitFor();
  await settle();
  await shoot("65-ended-idle");
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("button", { name: /^Connected/ }).waitFor();
  await page.getByRole("link", { name: "Berth: all challenges" }).click();
  await page.getByText("In progress").waitFor();
  await shoot("66-catalogue");
  await page.getByRole("link", { name: "Your sessions" }).click();
  await page.getByText("Nothing is lost").waitFor();
  await shoot("67-history-unavailable-open");
  edge.faults.history = "ok";
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: "Show earlier sessions" }).waitFor();
  await settle();
  await shoot("68-history");
  await page.getByRole("button", { name: "Show earlier sessions" }).scrollIntoViewIfNeeded();
  await shoot("69-history-foot");
}

const parts = [
  { part: "all", walk: walkAll },
  { part: "life", walk: walkLife },
];
const wanted = looks
  .filter(({ name }) => name.includes(onlyLook))
  .flatMap((look) => parts.filter(({ part }) => part.includes(onlyPart)).map(({ walk }) => ({ look, walk })));

for (const { look, walk } of wanted) {
  const edge = new FakeEdge({ assets, challenges: [] });
  const address = await edge.listen();
  const { context, close } = await openBrowser(look);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("console", (message) => write(`${look.name}: ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => write(`${look.name}: ${error.stack}`));
  page.setDefaultTimeout(15_000);
  try {
    const shoot = async (name: string) => {
      await page.screenshot({ path: join(folder, `${name}.${look.name}.png`) });
    };
    await walk({ page, edge, address, isPhone: look.isPhone === true, shoot });
  } catch (error) {
    await page.screenshot({ path: join(folder, `failed.${look.name}.png`) });
    write(String(error));
    process.exitCode = 1;
  } finally {
    await close();
    await edge.close();
  }
}
