// Every check of a self-test, on containers that are confined and on ones that are not.

import { expect, it } from "vitest";
import { containerLimits } from "../../../runner-host/container/container-limits.ts";
import type { ContainerUsage } from "../../../runner-host/engine/container-usage.ts";
import {
  type Check,
  CheckFailed,
  type CommandAnswer,
  type TestedContainer,
} from "../../../runner-host/self-test/check.ts";
import { limitChecks } from "../../../runner-host/self-test/limit-checks.ts";
import { wallChecks } from "../../../runner-host/self-test/wall-checks.ts";

const disk = { sizeBytes: 0, freeBytes: 0, inodes: 0, freeInodes: 0 };
const unused: ContainerUsage = { memoryBytes: 0, oomKills: 0, pidsRefused: 0, cpuMs: 0, throttledPeriods: 0, disk };

/** Answers each look at its usage with the next one, and keeps to the last. */
function container(over: Partial<TestedContainer>, answer: CommandAnswer, usages = [unused]): TestedContainer {
  const left = [...usages];
  return {
    images: ["berth/python:3.11"],
    hostAddresses: ["127.0.0.1"],
    port: 1,
    run: async () => answer,
    readUsage: async () => (left.length > 1 ? left.shift() : left[0]) ?? unused,
    readUserMap: async () => "0 1048576 65536\n",
    freeze: () => undefined,
    thaw: () => undefined,
    ...over,
  };
}

function checkNamed(name: string): Check {
  const found = [...limitChecks, ...wallChecks].find((check) => check.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
}

const refused = { exitCode: 1, output: "fallocate failed: No space left on device" };
const done = { exitCode: 0, output: "" };

it.each([
  ["memory", container({}, refused, [unused, { ...unused, oomKills: 1 }])],
  ["processes", container({}, { exitCode: 0, output: "490\n" })],
  ["processor", container({}, done, [unused])],
  ["disk", container({}, refused)],
  ["open files", container({}, { exitCode: 0, output: "19997\n" })],
  ["pause", container({}, done)],
  ["user namespace", container({}, done)],
  ["network", container({}, done)],
  ["devices and kernel", container({}, refused)],
  ["Docker in a container", container({}, { exitCode: 0, output: "sha256:1\nbuilt\n" })],
])("%s passes where it is held", async (name, tested) => {
  expect(await checkNamed(name).prove(tested)).toMatch(/\.$/);
});

it.each([
  ["memory", container({}, done), "was not ended"],
  ["processes", container({}, { exitCode: 0, output: String(2 * containerLimits.pids) }), "could be started"],
  ["processes", container({}, { exitCode: 127, output: "python3: not found" }), "could be started"],
  ["processor", container({}, done, [unused, { ...unused, cpuMs: 60_000 }]), "is the limit"],
  ["disk", container({}, done), "took"],
  ["disk", container({}, { exitCode: 1, output: "fallocate: Permission denied" }), "Permission denied"],
  ["open files", container({}, { exitCode: 0, output: String(2 * containerLimits.openFiles) }), "could open"],
  ["pause", container({}, done, [unused, { ...unused, cpuMs: 250 }]), "went on"],
  ["user namespace", container({ readUserMap: async () => "0 0 4294967295\n" }, done), "root of this machine"],
  ["network", container({}, { exitCode: 0, output: "127.0.0.1\n" }), "reached 127.0.0.1"],
  ["network", container({}, { exitCode: 127, output: "python3: not found" }), "could not be tried"],
  ["devices and kernel", container({}, done), "Root in a container could make a device"],
  ["Docker in a container", container({ images: [] }, done), "no lab image"],
  ["Docker in a container", container({}, { exitCode: 1, output: "no daemon" }), "no daemon"],
])("%s fails where it is not", async (name, tested, words) => {
  const failure = await checkNamed(name)
    .prove(tested)
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(failure).toBeInstanceOf(CheckFailed);
  expect(String(failure)).toContain(words);
});
