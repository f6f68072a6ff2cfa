// Several tabs on one terminal: its size is that of the tab used last, all of them are told, and a tab in the background that comes back takes nothing.

import { afterAll, beforeAll, expect, it } from "vitest";
import { CutProxy } from "../support/cut-proxy.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import type { TerminalSize, TestTerminal } from "../support/test-terminal.ts";
import { TestUser } from "../support/test-user.ts";

const READY_MS = 30_000;
const LAPTOP = { cols: 120, rows: 40 };
const DESK = { cols: 200, rows: 60 };
const PHONE = { cols: 50, rows: 30 };

let stack: Stack;
let phoneLeg: CutProxy;
let laptop: TestClient;
let phone: TestClient;
let onLaptop: TestTerminal;
let onPhone: TestTerminal;
let asked = 0;

beforeAll(async () => {
  stack = await Stack.start({ name: "e2e" });
  const user = await TestUser.signIn(stack.address, "tabs");
  const { session } = await user.openSession("first-image");
  const { hostname: host, port } = new URL(stack.address);
  phoneLeg = await CutProxy.start({ port: 0, host: "127.0.0.1" }, { host, port: Number(port) });
  laptop = new TestClient(user, session.id);
  phone = new TestClient(user, session.id, { through: `http://127.0.0.1:${phoneLeg.port}` });
  onLaptop = await laptop.open(0, READY_MS, LAPTOP);
});

afterAll(async () => {
  laptop.leave();
  phone.leave();
  expect(await stack.stop()).toEqual([]);
  await phoneLeg.close();
});

/** What the shell says of its own size. */
async function sizeInShell(): Promise<TerminalSize> {
  const tag = `size${++asked}`;
  laptop.type(onLaptop, `echo; echo ${tag}: $(stty size) .\n`);
  const [, rows, cols] = await laptop.waitForOutput(onLaptop, new RegExp(`\\n${tag}: (\\d+) (\\d+) \\.`), READY_MS);
  return { cols: Number(cols), rows: Number(rows) };
}

async function expectAll(size: TerminalSize): Promise<void> {
  const isTold = (terminal: TestTerminal) => (): boolean =>
    terminal.size?.cols === size.cols && terminal.size.rows === size.rows;
  const describe = (): string => `laptop ${JSON.stringify(onLaptop.size)}, phone ${JSON.stringify(onPhone.size)}`;
  await laptop.waitFor(isTold(onLaptop), READY_MS, `${size.cols}x${size.rows}`, describe);
  await phone.waitFor(isTold(onPhone), READY_MS, `${size.cols}x${size.rows}`, describe);
  expect(await sizeInShell()).toEqual(size);
}

it("a tab that is opened and looked at takes the size, and the other is told", async () => {
  expect(await sizeInShell()).toEqual(LAPTOP);
  onPhone = await phone.open(0, READY_MS, PHONE);
  await expectAll(PHONE);
});

it("the tab that is used next takes it back", async () => {
  laptop.resize(onLaptop, LAPTOP);
  await expectAll(LAPTOP);
});

it("a tab in the background that was cut comes back without taking it", async () => {
  onPhone.claimsSize = false;
  expect(phoneLeg.reset()).toBe(1);
  await phone.waitFor(() => phone.connections === 2 && onPhone.isOpen, READY_MS, "the phone to be back");
  await expectAll(LAPTOP);
});

it("sizes that change while both print reach both between the same bytes, and nothing is lost", async () => {
  for (const { resizes } of [onLaptop, onPhone]) resizes.length = 0;
  laptop.type(onLaptop, "echo; for n in $(seq 400); do echo line$n; sleep 0.005; done; echo all-lines\n");
  for (const size of [DESK, PHONE, LAPTOP, DESK]) {
    laptop.resize(onLaptop, size);
    await laptop.waitFor(() => onLaptop.size?.cols === size.cols, READY_MS, "the size");
  }
  await laptop.waitForOutput(onLaptop, /\nall-lines\r\n/, READY_MS);
  await phone.waitForOutput(onPhone, /\nall-lines\r\n/, READY_MS);
  await expectAll(DESK);
  expect(onLaptop.resizes).toHaveLength(4);
  expect(onPhone.resizes).toEqual(onLaptop.resizes);
  for (const terminal of [onLaptop, onPhone]) {
    const lines = [...terminal.text.matchAll(/^line(\d+)\r$/gm)].map(([, number]) => Number(number));
    expect(lines).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    expect(terminal.faults).toEqual([]);
    expect(terminal.instances).toHaveLength(1);
  }
});
