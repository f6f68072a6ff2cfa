// `npm run bench`: starts Berth twice and prints what a learner would feel.

import prepareMachine from "../test/support/prepare-machine.ts";
import { Stack } from "../test/support/stack.ts";
import { measureEcho } from "./echo.ts";
import { formatMs, summarize } from "./figures.ts";
import { measurePrompt } from "./prompt.ts";

const PROMPTS = 20;
const KEYSTROKES = 500;

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(44)}${text}\n`);
}

function printSamples(name: string, samples: readonly number[]): void {
  const { median, p95, p99, max } = summarize(samples);
  print(name, `median ${formatMs(median)}, p95 ${formatMs(p95)}, p99 ${formatMs(p99)}, max ${formatMs(max)}, n=${samples.length}`);
}

await prepareMachine();
const first = await Stack.start({ name: "bench" });
print("start on an empty data directory", formatMs(first.startMs));
await first.stop();
const stack = await Stack.start({ name: "bench", keepsState: true });
print("second start", formatMs(stack.startMs));
try {
  printSamples("POST to first prompt byte, cold container", await measurePrompt(stack.address, PROMPTS));
  printSamples("echo of a keystroke", await measureEcho(stack.address, KEYSTROKES));
} finally {
  for (const leftover of await stack.stop()) print("left behind", leftover);
}
