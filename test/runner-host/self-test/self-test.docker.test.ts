// The self-test as a host runs it: on real Docker, with nothing left behind.

import { afterAll, beforeAll, expect, it } from "vitest";
import { offerOf, type CheckResult } from "../../../runner-host/self-test/report.ts";
import { runSelfTest } from "../../../runner-host/self-test/self-test.ts";
import { type EngineMachine, startMachine } from "../engine/machine.ts";

let machine: EngineMachine;

beforeAll(async () => {
  machine = await startMachine();
});

afterAll(async () => {
  await machine?.close();
});

it("proves all that this machine offers, tells each check as it goes, and leaves no container", async () => {
  const engine = await machine.open();
  const told: CheckResult[] = [];
  const report = await runSelfTest(engine, machine.engine.layout.engineSocket, (result) => told.push(result));
  expect(report.results.filter(({ status }) => status === "fail")).toEqual([]);
  expect(offerOf(report)).toEqual({ sessions: true, images: true, pausing: true });
  expect(told).toEqual(report.results);
  expect(await engine.listContainers()).toEqual([]);
  await engine.close();
});

it("says that a machine holds no session when its engine makes no container", async () => {
  const engine = await machine.open();
  engine.ensureContainer = () => Promise.reject(new Error("no room at all"));
  const report = await runSelfTest(engine, machine.engine.layout.engineSocket);
  expect(offerOf(report).sessions).toBe(false);
  expect(report.results.at(-1)?.message).toBe("no room at all");
  await engine.close();
});
