// What real shells make of being looked at and warned.

import { afterEach, beforeEach, expect, test } from "vitest";
import { AgentUnderTest } from "../../support/agent-under-test.ts";
import { waitUntil } from "../../support/wait-until.ts";

const PROMPT = /[$#] $/;
let agent: AgentUnderTest;
let typed: number;
beforeEach(async () => {
  agent = await AgentUnderTest.start();
  typed = 0;
  await agent.waitFor("hello");
  agent.open();
  await agent.waitForText(PROMPT);
});
afterEach(() => agent.dispose());

function type(input: string): void {
  agent.type(typed, input);
  typed += input.length;
}

function jobsTold(): boolean[] {
  return agent.all("jobs").map(({ isBusy }) => isBusy);
}

/** The agent answers in order. */
async function ask(): Promise<void> {
  const answered = agent.all("pong").length;
  agent.send({ type: "ping" });
  await agent.waitFor("pong", answered + 1);
}

test("a program in the foreground is a job, one in the background and the shell itself are none", async () => {
  type("sleep 1000 & echo started\n");
  await agent.waitForText(/[\r\n]started\r\n/);
  await ask();
  expect(jobsTold()).toEqual([false]);
  type("sleep 1000\n");
  await waitUntil(() => jobsTold().length === 2, 5_000, "the job to be told");
  type("\x03");
  await waitUntil(() => jobsTold().length === 3, 5_000, "the job's end to be told");
  expect(jobsTold()).toEqual([false, true, false]);
});

test("a job is one in whichever terminal it runs, and until its terminal is closed", async () => {
  agent.open({ connection: 2, terminal: 1 });
  const { instance } = await agent.waitFor("opened", 2);
  type("cat\n");
  await waitUntil(() => jobsTold().at(-1) === true, 5_000, "the job to be told");
  type("\x04");
  await waitUntil(() => jobsTold().at(-1) === false, 5_000, "the job's end to be told");
  type("cat\n");
  await waitUntil(() => jobsTold().at(-1) === true, 5_000, "the job to be told");
  agent.send({ type: "close", connection: 2, terminal: 1, instance });
  agent.send({ type: "close", connection: 1, terminal: 0, instance: (await agent.waitFor("opened")).instance });
  await ask();
  expect(jobsTold().at(-1)).toBe(false);
});

test("a warning stands on a line of its own, and the shell draws its prompt and what was typed again below", async () => {
  type("echo half");
  await agent.waitForText(/echo half$/);
  agent.send({ type: "warn", message: "ends in 10\x1b[2J minutes." });
  const [, below] = await agent.waitForText(/Berth: ends in 10\[2J minutes\.\r\n([^]*echo half)$/);
  expect(agent.text).toContain("echo half\r\n\x1b[KBerth: ");
  expect(below).toMatch(/[$#] echo half$/);
  type("-done\n");
  await agent.waitForText(/[\r\n]half-done\r\n/);
});

test("a program that has the screen is not written over", async () => {
  type("stty -echo; cat\n");
  await waitUntil(() => jobsTold().at(-1) === true, 5_000, "the job to be told");
  const shown = agent.output.length;
  agent.send({ type: "warn", message: "not here" });
  await ask();
  expect(agent.output.subarray(shown).toString()).toBe("");
});
