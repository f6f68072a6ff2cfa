// Runs the fuzzed tests of the edge's objects with many seeds, in real workerd, where no test sees the environment itself.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { seedsFor } from "../support/seeded-random.ts";

const RUNS = 300;
const MINUTE_MS = 60_000;
const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const [seed = 0] = seedsFor(1);

test.for(["session/fuzz-browser", "session/fuzz-host", "runner-pool/fuzz"])(
  `%s holds in ${RUNS} runs from seed ${seed} on`,
  { timeout: 30 * MINUTE_MS },
  async (file) => {
    const args = [VITEST, "run", "--project", "worker", `test/worker/${file}.test.ts`];
    const environment = { ...process.env, BERTH_FUZZ_RUNS: String(RUNS), BERTH_SEED: String(seed) };
    const run = spawn(process.execPath, args, { cwd: PROJECT, env: environment, stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await Promise.all([text(run.stdout), once(run, "exit")]);
    expect(run.exitCode, said.slice(-5_000)).toBe(0);
  },
);
