// Drives the built page in a real browser against the fake edge: sign in, open, work, lose the connection, end.

import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeEdge } from "./fake-edge.ts";
import { openPage, type OpenedPage } from "./opened-page.ts";
import { firstImage, layerOrder } from "./sample-challenges.ts";

let opened: OpenedPage;
let edge: FakeEdge;
let page: Page;

beforeEach(async () => {
  opened = await openPage({ challenges: [firstImage, layerOrder] });
  ({ edge, page } = opened);
});

afterEach(async () => {
  expect(await opened.close()).toEqual([]);
});

async function openLab(): Promise<void> {
  await page.getByRole("link", { name: firstImage.title }).click();
  await page.getByRole("button", { name: "Start the lab" }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
  // A screen reader's copy of the terminal is what a test can read, too.
  await page.getByRole("button", { name: "Screen reader mode" }).click();
  await focusTerminal();
}

async function focusTerminal(): Promise<void> {
  await page.getByRole("textbox", { name: "Terminal input" }).focus();
}

/** A second tab of the same browser on the same address. */
async function openTab(): Promise<Page> {
  const tab = opened.watch(await page.context().newPage());
  await tab.goto(page.url());
  await tab.getByText("Connected", { exact: true }).waitFor();
  return tab;
}

async function seesLine(line: string, tab = page): Promise<void> {
  await tab.locator(".xterm-accessibility-tree").getByText(line, { exact: true }).first().waitFor();
}

async function countLines(line: string): Promise<number> {
  return page.locator(".xterm-accessibility-tree").getByText(line, { exact: true }).count();
}

it("keeps the sign-in card where it is when the login is mistaken", async () => {
  await page.goto(new URL("/sign-in", page.url()).href);
  const place = () => page.getByRole("button", { name: "Sign in" }).boundingBox();
  await page.getByLabel("Login").fill("not a login");
  const before = await place();
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  expect(await place()).toEqual(before);
});

describe("the page", () => {
  it("leads from sign-in to a shell that answers", async () => {
    await openLab();
    await page.keyboard.type("echo $((6 * 7))\n");
    await seesLine("42");
  });

  it("has a title of its own at every address", async () => {
    const titles: string[] = [];
    const note = async (shows: string) => {
      await page.getByRole("heading", { level: 1, name: shows }).waitFor();
      titles.push(await page.title());
    };
    await note("Challenges");
    await page.getByRole("link", { name: firstImage.title }).click();
    await note(firstImage.title);
    await page.goto(new URL("/nowhere", page.url()).href);
    await note("There is nothing at this address");
    await page.goto(new URL("/sign-in", page.url()).href);
    await note("Sign in to Berth");
    expect(titles).toEqual(
      ["Challenges", firstImage.title, "Nothing here", "Sign in"].map((title) => `${title} · Berth`),
    );
  });

  it("keeps what is typed during a cut, sends it once, and draws nothing twice", async () => {
    await openLab();
    await page.keyboard.type("echo before-$((1 + 1))\n");
    await seesLine("before-2");
    edge.faults.refusesSockets = true;
    edge.cut();
    await page
      .getByText(/^Reconnecting/)
      .first()
      .waitFor();
    await page.keyboard.type("echo during-$((2 + 2))\n");
    edge.faults.refusesSockets = false;
    await page.getByText("Connected", { exact: true }).waitFor();
    await seesLine("during-4");
    expect([await countLines("before-2"), await countLines("during-4")]).toEqual([1, 1]);
  });

  it("says that the browser is offline instead of counting attempts, and goes on with the network", async () => {
    await openLab();
    edge.faults.refusesSockets = true;
    edge.cut();
    await page.context().setOffline(true);
    await page.getByText("You are offline", { exact: true }).waitFor();
    expect(await page.getByText(/attempt/).count()).toBe(0);
    edge.faults.refusesSockets = false;
    await page.context().setOffline(false);
    await page.getByText("Connected", { exact: true }).waitFor();
  });

  it("shows and never sends what was typed for a shell that is gone", async () => {
    await openLab();
    edge.faults.refusesSockets = true;
    edge.cut();
    await page
      .getByText(/^Reconnecting/)
      .first()
      .waitFor();
    await page.keyboard.type("touch gone");
    edge.replaceContainer();
    edge.faults.refusesSockets = false;
    await page.getByText("This was typed into a shell that is gone").waitFor();
    await page.locator("pre", { hasText: "touch gone" }).waitFor();
    await page
      .locator(".xterm-accessibility-tree")
      .getByText("--- The shell that was here has ended")
      .first()
      .waitFor();
    await focusTerminal();
    await page.keyboard.type("ls; echo listed\n");
    await seesLine("listed");
    expect(await countLines("gone")).toBe(0);
  });

  it("does not answer a query again when its output is replayed", async () => {
    await openLab();
    await page.keyboard.type("read -rsdR -p $'\\e[6n' answer; echo got-$(printf %s \"$answer\" | wc -c)\n");
    await page
      .locator(".xterm-accessibility-tree")
      .getByText(/^got-\d+$/)
      .first()
      .waitFor();
    await page.reload();
    await page.getByText("Connected", { exact: true }).waitFor();
    await page
      .locator(".xterm-accessibility-tree")
      .getByText(/^got-\d+$/)
      .first()
      .waitFor();
    await focusTerminal();
    await page.keyboard.type("echo clean\n");
    await seesLine("clean");
    await page
      .locator(".xterm-accessibility-tree")
      .getByText(/\$ echo clean$/)
      .waitFor();
  });

  it("says how a shell exited and starts a new one on Enter", async () => {
    await openLab();
    await page.keyboard.type("exit 3\n");
    await page.getByText("Shell exited with code 3. Press Enter for a new shell.").first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Shell exited").first().waitFor({ state: "detached" });
    await page.keyboard.type("echo again-$((3 + 3))\n");
    await seesLine("again-6");
  });

  it("attaches to the shell that another tab has started instead of ending it", async () => {
    await openLab();
    const other = await openTab();
    await focusTerminal();
    await page.keyboard.type("exit\n");
    for (const tab of [page, other]) await tab.getByText("Shell exited. Press Enter").first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Shell exited").first().waitFor({ state: "detached" });
    await page.keyboard.type("mine=$((6 * 7)); echo set-$mine\n");
    await seesLine("set-42");
    await other.bringToFront();
    await other.getByRole("textbox", { name: "Terminal input" }).focus();
    await other.keyboard.press("Enter");
    await other.getByText("Shell exited").first().waitFor({ state: "detached" });
    await other.keyboard.type("echo still-$mine\n");
    await seesLine("still-42", other);
    await seesLine("still-42");
  });

  it("leaves the lab in every tab when the reader signs out in one", async () => {
    await openLab();
    const other = await openTab();
    await other.getByRole("button", { name: "Sign out" }).click();
    await other.getByLabel("Login").waitFor();
    await page.getByLabel("Login").waitFor();
    expect(edge.connections).toBe(0);
  });

  it("can be left by keyboard and types commands from the task", async () => {
    await openLab();
    await page.keyboard.press("Control+Shift+E");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("tab");
    const block = page.locator("figure", { hasText: "docker build -t app ." });
    await block.getByRole("button", { name: "To terminal" }).click();
    await page
      .locator(".xterm-accessibility-tree")
      .getByText(/\$ docker build -t app \.$/)
      .waitFor();
  });

  it("offers nothing to start where there is no such challenge", async () => {
    await page.getByRole("link", { name: firstImage.title }).waitFor();
    await page.goto(new URL("/challenges/no-such-thing", page.url()).href);
    await page.getByText("There is no such challenge").waitFor();
    expect(await page.getByRole("button", { name: "Start the lab" }).count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
    expect(await page.title()).toBe("No such challenge · Berth");
  });

  it("comes back to the place in the task after a reload", async () => {
    await page.getByRole("link", { name: firstImage.title }).click();
    const task = page.getByRole("article", { name: "Task" });
    await task.getByRole("heading", { level: 1 }).waitFor();
    await task.evaluate((pane) => pane.scrollTo({ top: 300 }));
    await page.waitForFunction(() => Object.values(sessionStorage).includes("300"));
    await page.reload();
    await task.getByRole("heading", { level: 1 }).waitFor();
    expect(await task.evaluate((pane) => pane.scrollTop)).toBe(300);
  });

  it("names the challenge that is open before it opens another", async () => {
    await openLab();
    await page.getByRole("link", { name: "Berth: all challenges" }).click();
    await page.getByText("In progress").waitFor();
    await page.getByRole("link", { name: layerOrder.title }).click();
    await page.getByRole("button", { name: "Start the lab" }).click();
    await page
      .getByRole("alertdialog")
      .getByRole("link", { name: /Your first image/ })
      .click();
    await page.getByRole("heading", { level: 1, name: firstImage.title }).waitFor();
    await page.getByText("Connected", { exact: true }).waitFor();
  });

  it("asks before it ends a session, says that it ended, and starts another", async () => {
    await openLab();
    await page.getByRole("button", { name: "End session" }).click();
    await page.getByRole("alertdialog").getByText("/workspace").waitFor();
    await page.getByRole("button", { name: "End and delete files" }).click();
    await page.getByRole("heading", { name: "Session ended" }).waitFor();
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(await page.getByRole("heading", { name: "Session ended" }).count()).toBe(0);
  });
});
