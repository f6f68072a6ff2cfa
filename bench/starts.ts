// How long a start takes: with everything built, and with no image built yet.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack, stackDataDir } from "../test/support/stack.ts";
import type { Figure } from "./statistics.ts";

const SECOND_STARTS = 5;
/** The data directory of everything measured here: what was built in it stays for the next run. */
export const BENCH_STACK = "bench";
const FRESH_STACK = "bench-fresh";

export async function measureSecondStarts(): Promise<Figure> {
  const samples: number[] = [];
  for (let round = 0; round < SECOND_STARTS; round++) {
    const stack = await Stack.start({ name: BENCH_STACK, keepsState: true });
    samples.push(stack.startMs / 1000);
    await stopStack(stack);
  }
  return { name: "second start", unit: "s", samples };
}

export async function measureFreshStart(): Promise<Figure> {
  const images = await mkdtemp(join(tmpdir(), "berth-bench-images-"));
  try {
    await rm(stackDataDir(FRESH_STACK), { recursive: true, force: true });
    const stack = await Stack.start({ name: FRESH_STACK, environment: { BERTH_IMAGES_DIR: images } });
    await stopStack(stack);
    return { name: "fresh start (packages installed, no image built)", unit: "s", samples: [stack.startMs / 1000] };
  } finally {
    await rm(images, { recursive: true, force: true });
    await rm(stackDataDir(FRESH_STACK), { recursive: true, force: true });
  }
}

export async function stopStack(stack: Stack): Promise<void> {
  const left = await stack.stop();
  if (left.length > 0) throw new Error(`the stack left something behind:\n${left.join("\n")}`);
}
