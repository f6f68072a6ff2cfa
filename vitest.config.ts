// Owns how tests are sorted into projects: what needs no machine runs first and side by side, what needs Docker or a browser runs alone.

import { existsSync } from "node:fs";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";

const elsewhere = ["test/worker/**", "**/*.docker.test.ts", "**/*.e2e.test.ts", "**/*.long.test.ts"];
const MINUTE_MS = 60_000;

/** Tests that own processes, containers and ports of this machine: one file at a time. */
function machineProject(name: string, groupOrder: number): TestProjectConfiguration {
  return {
    test: {
      name,
      include: [`test/**/*.${name}.test.ts`],
      environment: "node",
      globalSetup: ["test/support/prepare-machine.ts"],
      fileParallelism: false,
      sequence: { groupOrder },
      testTimeout: 2 * MINUTE_MS,
      hookTimeout: 5 * MINUTE_MS,
      teardownTimeout: MINUTE_MS,
    },
  };
}

const projects: TestProjectConfiguration[] = [
  {
    test: {
      name: "unit",
      include: ["test/**/*.test.{ts,tsx}"],
      exclude: elsewhere,
      environment: "node",
      sequence: { groupOrder: 0 },
      testTimeout: 20_000,
    },
  },
  ...(existsSync(new URL("vitest.worker.config.ts", import.meta.url)) ? ["./vitest.worker.config.ts"] : []),
  machineProject("docker", 2),
  machineProject("e2e", 3),
];
if (process.env["BERTH_LONG"] === "1") projects.push(machineProject("long", 4));

export default defineConfig({ test: { projects, passWithNoTests: true } });
