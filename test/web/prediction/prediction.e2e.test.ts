// Types in a real browser to a shell far away: what is typed stands there at once, dimmed, and a secret never does.

import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openPage, type OpenedPage } from "../opened-page.ts";
import { firstImage } from "../sample-challenges.ts";

const startUp = fileURLToPath(new URL("../../../runner-host/image/session/rootfs/etc/bash.bashrc", import.meta.url));
const DEADLINE_MS = 20_000;
const FAR_MS = 600;

let opened: OpenedPage;
let page: Page;

/** Notes in the page's body whatever was ever foretold, unseen by screen readers. */
function noteForetold(): void {
  const note = (): void => {
    const cells = Array.from(
      document.querySelectorAll(".predicted-text[aria-hidden=true]"),
      (cell) => cell.textContent,
    );
    const { dataset } = document.body;
    if (cells.length > 0) dataset["foretold"] = `${dataset["foretold"] ?? ""} ${cells.join("")}`;
  };
  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true }),
  );
}

beforeEach(async () => {
  opened = await openPage({
    prepare: async (fake, tab) => {
      fake.faults.delayMs = FAR_MS;
      await tab.addInitScript(noteForetold);
    },
  });
  ({ page } = opened);
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByRole("button", { name: /^Connected/ }).waitFor();
  await page.getByRole("button", { name: "Screen reader mode" }).click();
  await page.getByRole("textbox", { name: /^Terminal.*input/ }).focus();
  await page.keyboard.type(`. ${startUp}; PS1='lab> '\n`);
  await seesLine("lab>");
  // The shell began to mark its prompts in the middle: its echo proves that it has read all that was typed.
  await page.keyboard.type("echo ready");
  await seesLine("lab> echo ready");
  await page.keyboard.type("\n");
  await seesLine("ready");
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

async function seesLine(line: string): Promise<void> {
  await page.locator(".xterm-accessibility-tree").getByText(line, { exact: true }).first().waitFor();
}

const foretold = () => page.evaluate(() => document.body.dataset["foretold"] ?? "");
const isOver = () => page.locator(".predicted-cursor").waitFor({ state: "detached" });

it("a command stands there at once, dimmed, and then for real", async () => {
  for (const letter of "echo VWK") {
    await page.keyboard.press(letter === " " ? "Space" : letter);
    if (letter !== " ") await expect.poll(foretold, { timeout: FAR_MS - 100, interval: 5 }).toContain(letter);
  }
  await page.keyboard.press("Enter");
  await seesLine("VWK");
  await isOver();
});

it("a command does so after a reload at its prompt, and a secret that was asked for before does not", async () => {
  const comeBack = async (line: string) => {
    await page.reload();
    await page.getByRole("button", { name: /^Connected/ }).waitFor();
    await page.getByRole("textbox", { name: /^Terminal.*input/ }).focus();
    await seesLine(line);
  };
  await comeBack("lab>");
  // The prompt must have stood, and the way's length be known.
  await expect
    .poll(
      async () => {
        await page.keyboard.type("VW");
        return foretold();
      },
      { timeout: DEADLINE_MS, interval: 2_000 },
    )
    .toContain("VW");
  await page.keyboard.press("Control+U");
  await page.keyboard.type("read -s -p 'Word: ' word\n");
  await seesLine("Word:");
  await comeBack("Word:");
  await page.keyboard.type("QXZJ\n");
  await page.keyboard.type('echo "got $word"\n');
  await seesLine("got QXZJ");
  expect(await foretold()).not.toMatch(/[QXZJ]/);
});

it("a secret does not, and nothing does once it is switched off", async () => {
  await page.keyboard.type("read -s -p 'Word: ' word\n");
  await seesLine("Word:");
  await page.keyboard.type("QXZJ\n");
  await page.keyboard.type('echo "got $word"\n');
  await seesLine("got QXZJ");
  expect(await foretold()).not.toMatch(/[QXZJ]/);
  const before = await foretold();
  await page.getByRole("button", { name: /^Show typing at once/ }).click();
  await page.getByRole("textbox", { name: /^Terminal.*input/ }).focus();
  await page.keyboard.type("echo off\n");
  await seesLine("off");
  expect(await foretold()).toBe(before);
});
