// Holds the Docker engine to the contract of container engines, on the real thing.

import { afterAll, beforeAll } from "vitest";
import { describeContainerEngine } from "./contract.ts";
import { type EngineMachine, startMachine } from "./machine.ts";

let machine: EngineMachine;

beforeAll(async () => {
  machine = await startMachine();
});
afterAll(() => machine.close());

describeContainerEngine("Docker", {
  open: () => machine.open(),
  image: "berth/python:3.11",
  // The first process of a container ignores signals from inside that it does not handle; it handles this one.
  endCommand: "sudo kill -TERM 1",
  workspaceOf: () => "/workspace",
});
