// An agent that does not read for a while: the edge is still read, nothing piles up, and nothing typed is lost or repeated.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const KiB = 1024;
const TERMINALS = [0, 1, 2, 3];
const FLOOD_FRAMES = 3_000;
const END_OF_FILE = "\x04";

let host: DaemonUnderTest;
let session: StandInSession;
beforeEach(async () => {
  ({ host, session } = await DaemonUnderTest.withSession());
});
afterEach(() => host.dispose());

/** Numbered lines, so that whatever is lost, repeated or out of order shows. */
function numberedText(terminal: number, bytes: number): string {
  let text = "";
  for (let line = 0; text.length < bytes; line++) text += `${terminal} ${line} ${"x".repeat(50)}\n`;
  return text;
}

/** A shell that writes what is typed to a file. */
async function openTypewriter(terminal: TestTerminal): Promise<void> {
  const connection = terminal.terminal + 1;
  session.attach(connection, terminal);
  await waitUntil(() => terminal.isOpen && /[$#] $/.test(terminal.text), 10_000, "the prompt");
  session.type(connection, `stty -echo; echo lis''tening; cat > typed${terminal.terminal}; echo wri''tten\n`);
  await waitUntil(() => terminal.text.includes("listening"), 5_000, "the program that reads");
}

/** Input far ahead of what the agent has, which it will not take: more than every socket on the way holds. */
function flood(): void {
  const payload = new Uint8Array(limits.inputFrameBytes);
  const frame = Buffer.from(encodeRunnerFrame({ connection: 1, terminal: 0, offset: 2 ** 40, payload }));
  for (let i = 0; i < FLOOD_FRAMES; i++) session.sendRaw(frame);
}

function statesOf(agent: StandInSession): string[] {
  return agent.said.flatMap((message) => (message.type === "agent" ? [message.state] : []));
}

test("input beyond what waits for it is dropped, and arrives once and in order when the agent reads again", async () => {
  const terminals = TERMINALS.map((terminal) => new TestTerminal(terminal));
  for (const terminal of terminals) await openTypewriter(terminal);
  const statesBefore = statesOf(session);
  const pid = (await host.engine.pidOf(session.session)) ?? 0;
  process.kill(pid, "SIGSTOP");
  const typed = TERMINALS.map((terminal) => numberedText(terminal, 240 * KiB));
  for (const terminal of TERMINALS) session.type(terminal + 1, typed[terminal] ?? "");
  flood();
  await waitUntil(() => session.unsentBytes === 0, 10_000, "the host's reading of all that was sent");
  expect(statesOf(session)).toEqual(statesBefore);

  process.kill(pid, "SIGCONT");
  await waitUntil(
    () => terminals.every(({ unconfirmedBytes }) => unconfirmedBytes === 0),
    10_000,
    "the agent's taking",
  );
  for (const terminal of TERMINALS) session.type(terminal + 1, END_OF_FILE);
  await waitUntil(() => terminals.every(({ text }) => text.includes("written")), 10_000, "the end of the programs");
  for (const terminal of TERMINALS) {
    const written = await readFile(join(host.engine.workspaceOf(session.session), `typed${terminal}`), "utf8");
    expect(written === typed[terminal], `what terminal ${terminal} was typed`).toBe(true);
  }
  expect(statesOf(session)).toEqual([...statesBefore, "up"]);
  expect(terminals.flatMap(({ faults }) => faults)).toEqual([]);
  expect(terminals.map(({ instances }) => instances.length)).toEqual([1, 1, 1, 1]);
});

test("a data socket that is lost while input is dropped is no second reason to begin afresh", async () => {
  const terminal = new TestTerminal(0);
  await openTypewriter(terminal);
  const statesBefore = statesOf(session);
  const pid = (await host.engine.pidOf(session.session)) ?? 0;
  process.kill(pid, "SIGSTOP");
  const typed = numberedText(0, 100 * KiB);
  flood();
  session.type(1, typed);
  await waitUntil(() => session.unsentBytes === 0, 10_000, "the host's reading of all that was sent");
  session.cut();
  await waitUntil(() => session.accepted === 2, 5_000, "another data socket");
  process.kill(pid, "SIGCONT");
  await waitUntil(() => terminal.unconfirmedBytes === 0 && session.isAgentUp, 10_000, "the agent's taking");
  session.type(1, END_OF_FILE);
  await waitUntil(() => terminal.text.includes("written"), 10_000, "the end of the program");
  const written = await readFile(join(host.engine.workspaceOf(session.session), "typed0"), "utf8");
  expect(written === typed).toBe(true);
  expect(statesOf(session)).toEqual([...statesBefore, "down", "up"]);
  expect(terminal.faults).toEqual([]);
});
