// Who is to blame when the machine's pseudo-terminals run out.

import { expect, test } from "vitest";
import {
  areTerminalsShort,
  findChargedHog,
  findOpenHog,
  type TerminalHolder,
  withoutProcesses,
} from "../../../runner-host/engine/terminal-hog.ts";

const MiB = 1024 * 1024;

function holder(container: string, terminals: number, kernelMiB: number): TerminalHolder {
  return { container, terminals, kernelBytes: kernelMiB * MiB };
}

test("they are short when more than half are taken", () => {
  expect(areTerminalsShort(5_000, 10_000)).toBe(false);
  expect(areTerminalsShort(5_001, 10_000)).toBe(true);
});

test("whoever has most of them open is the one, whatever others are charged", () => {
  expect(findOpenHog(20_000, [holder("a", 8, 200), holder("b", 19_000, 80), holder("c", 40, 5)])).toBe("b");
});

test("where they are hidden it is whoever the kernel charges for so many", () => {
  const holders = [holder("a", 8, 6), holder("b", 12, 75), holder("c", 40, 5)];
  expect(findOpenHog(20_000, holders)).toBe(null);
  expect(findChargedHog(20_000, holders)).toBe("b");
});

test("nobody is blamed for what many have together, or what is not in the containers", () => {
  for (const holders of [[], [holder("a", 2_000, 9), holder("b", 3_000, 12)]]) {
    expect(findOpenHog(20_000, holders)).toBe(null);
    expect(findChargedHog(20_000, holders)).toBe(null);
  }
});

test("many processes are not taken for terminals that somebody else on the machine holds, hidden terminals beside them are", () => {
  const charged = (kernelMiB: number) => ({
    ...holder("a", 1, 0),
    kernelBytes: withoutProcesses(kernelMiB * MiB, 490),
  });
  expect(findChargedHog(40_000, [charged(44)])).toBe(null);
  expect(findChargedHog(22_100, [charged(44 + 75)])).toBe("a");
});
