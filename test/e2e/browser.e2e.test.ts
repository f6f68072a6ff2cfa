// The main job of Berth through a real browser: sign in, open the challenge, write a Dockerfile, build, run, and see the answer.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Stack } from "../support/stack.ts";
import { openBrowser } from "../web/browser.ts";

/** Nobody is signed in, there is no session: the page asks, and the browser notes the answer. */
const EXPECTED = /status of 40[14]\b/;
const READY_MS = 20_000;
const BUILD_MS = 90_000;

let stack: Stack;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;
const mistakes: string[] = [];

beforeAll(async () => {
  stack = await Stack.start({ name: "e2e" });
  browser = await openBrowser();
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.on("pageerror", (error) => mistakes.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) mistakes.push(message.text());
  });
});

afterAll(async () => {
  await browser.close();
  expect(await stack.stop()).toEqual([]);
});

/** What a screen reader hears of the terminal; the picture itself is pixels. */
async function terminalText(): Promise<string> {
  const rows = await page.getByTestId("terminal").getByRole("listitem").allTextContents();
  return rows.join("\n").replaceAll("\u00a0", " ");
}

async function waitForTerminal(pattern: RegExp, withinMs: number): Promise<string> {
  await expect.poll(terminalText, { timeout: withinMs, interval: 100 }).toMatch(pattern);
  return terminalText();
}

async function typeLine(text: string): Promise<void> {
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

it("signs in, opens the challenge, writes the Dockerfile, builds, runs and sees the answer", async () => {
  await page.goto(stack.address);
  await page.getByLabel("Login").fill("walker");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: /Your first image/ }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByTestId("terminal").waitFor({ timeout: READY_MS });
  await page.getByRole("button", { name: "Screen reader mode" }).click();
  await page.getByTestId("terminal").click();
  await waitForTerminal(/\/workspace\$ /, READY_MS);

  await typeLine("cat > Dockerfile <<'EOF'");
  for (const line of ["FROM berth/python:3.11", "WORKDIR /app", "COPY app.py .", 'CMD ["python3", "app.py"]', "EOF"]) {
    await typeLine(line);
  }
  const steps = [
    "docker build -t app .",
    "docker run -d -p 8000:8000 app",
    "curl -s --retry 20 --retry-delay 1 --retry-all-errors localhost:8000",
  ];
  await typeLine(steps.join(" && "));
  await waitForTerminal(/Hello from your first image!/, BUILD_MS);
  expect(mistakes).toEqual([]);
});

it("shows the same shell after the page is loaded again", async () => {
  await typeLine("clear; mark=kept; echo shell:$$");
  const before = /shell:(\d+)/.exec(await waitForTerminal(/shell:\d+/, READY_MS))?.[1];
  await page.reload();
  await page.getByTestId("terminal").waitFor({ timeout: READY_MS });
  await page.getByTestId("terminal").click();
  await waitForTerminal(/shell:\d+/, READY_MS);
  await typeLine("clear; echo again:$$:$mark");
  await waitForTerminal(new RegExp(`again:${before}:kept`), READY_MS);
});

it("ends the session when it is asked to and offers a new one", async () => {
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: /End/ }).click();
  await page.getByRole("button", { name: /Start/ }).waitFor({ timeout: READY_MS });
  expect(mistakes).toEqual([]);
});
