// Throughput: the same file printed in a terminal of Berth and of the peer, by turns.

import { type ByteLine, runCommand } from "./byte-line.ts";
import type { Side } from "./echo.ts";
import type { Figure } from "./statistics.ts";

const ROUNDS = 9;
const FILE = "/tmp/bench-output";
/** About 20 MB of numbered lines of 36 bytes. */
const LINES = 560_000;

export async function prepareOutput(line: ByteLine): Promise<void> {
  await runCommand(line, `seq -f 'line %010.0f of a long output.' ${LINES} > ${FILE}`, "written");
}

/** Prints the file once; in MB (10^6 bytes) a second. */
export async function printOutput(line: ByteLine): Promise<number> {
  const from = line.receivedBytes;
  const startedAt = performance.now();
  await runCommand(line, `cat ${FILE}`, "printed");
  return (line.receivedBytes - from) / 1_000 / (performance.now() - startedAt);
}

export async function measureThroughput(sides: readonly Side[]): Promise<Figure[]> {
  const samples = new Map(sides.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, flood } of round % 2 === 0 ? sides : sides.toReversed()) {
      samples.get(name)?.push(await printOutput(flood));
    }
  }
  return [...samples].map(([name, taken]) => ({ name: `output of a program, ${name}`, unit: "MB/s", samples: taken }));
}
