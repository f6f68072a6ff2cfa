// A keystroke's way through the object: sign in, open, a host attaches, and terminal bytes flow both ways unchanged.

import { expect, test } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { Session } from "#wire/session.ts";
import { encodeBrowserFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { Learner } from "./support/learner.ts";
import { ScriptedHost } from "./support/scripted-host.ts";

const client = "6f1c1c1e-0000-4000-8000-000000000001";
const instance = `t_${"a".repeat(26)}`;

async function openTerminal(login: string) {
  const host = await ScriptedHost.ready();
  const ann = await Learner.signIn(login);
  const session = await ann.open();
  expect(session).toMatchObject({ state: "starting", challengeId: "first-image", epoch: 1 });
  const browser = await ann.connect(session.id);
  const claim = await host.hearClaim();
  const data = await host.bringUp(claim);
  await browser.hear<{ type: "session"; session: Session }>(
    "session",
    ({ session: { state, reachable } }) => state === "ready" && reachable,
  );

  browser.say({
    type: "open",
    terminal: 0,
    cols: 80,
    rows: 24,
    claimsSize: true,
    client,
    instance: null,
    offset: null,
  });
  expect(await data.hear("open")).toMatchObject({ connection: 1, terminal: 0, cols: 80, rows: 24, client });
  data.say({
    type: "opened",
    connection: 1,
    terminal: 0,
    instance,
    offset: 0,
    end: 3,
    received: 0,
    cols: 80,
    rows: 24,
  });
  expect(await browser.hear("opened")).toEqual({
    type: "opened",
    terminal: 0,
    instance,
    epoch: 1,
    offset: 0,
    end: 3,
    received: 0,
    cols: 80,
    rows: 24,
  });
  return { browser, data, learner: ann };
}

test("a learner's bytes reach the host and the host's bytes reach the learner", async () => {
  const { browser, data } = await openTerminal("ann");
  const replay = { terminal: 0, offset: 0, payload: new TextEncoder().encode("$ l") };
  data.sendBytes(encodeRunnerFrame({ connection: 1, ...replay }));
  expect(await browser.hearBytes()).toEqual(encodeBrowserFrame(replay));

  const typed = { terminal: 0, offset: 0, payload: Uint8Array.from([0x73, 0x0d, 0x00, 0xff]) };
  browser.sendBytes(encodeBrowserFrame(typed));
  expect(await data.hearBytes()).toEqual(encodeRunnerFrame({ connection: 1, ...typed }));

  const echo = { terminal: 0, offset: 3, payload: new TextEncoder().encode("s\r\n") };
  data.sendBytes(encodeRunnerFrame({ connection: 0, ...echo }));
  expect(await browser.hearBytes()).toEqual(encodeBrowserFrame(echo));
});

test("a browser that floods a container which does not answer is closed by name, and the session goes on", async () => {
  const { browser, learner } = await openTerminal("flooder");
  const frame = encodeBrowserFrame({ terminal: 0, offset: 0, payload: new Uint8Array(limits.inputFrameBytes) });
  for (let sent = 0; sent <= limits.browserUnansweredBytes; sent += frame.length) browser.sendBytes(frame);
  expect(await browser.closeCode()).toBe(closeCodes.credit_exceeded.code);
  expect(await learner.session()).toMatchObject({ state: "ready", reachable: true });
});

test("a terminal that a learner closes is no longer listed, for any tab", async () => {
  const { browser, learner } = await openTerminal("closer");
  const listed = (wanted: number) =>
    browser.hear<{ type: "session"; session: Session }>(
      "session",
      ({ session }) => session.terminals.length === wanted,
    );
  await listed(1);
  browser.say({ type: "close", terminal: 0, instance: instance.replace(/a$/, "b") });
  expect((await learner.session()).terminals).toHaveLength(1);
  browser.say({ type: "close", terminal: 0, instance });
  await listed(0);
  expect((await learner.session()).terminals).toEqual([]);
});

test("a tab that closes its socket is answered, and does not wait for the other side", async () => {
  const { browser, data } = await openTerminal("leaver");
  browser.close();
  expect(await browser.closeCode()).toBe(1000);
  expect(await data.hear("detach")).toMatchObject({ connection: 1 });
});
